//! The press logic, case by case and over a year of bouncing contacts.

mod cases;
mod line;
mod year;
