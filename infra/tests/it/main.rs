//! What the program of a stack is, for every kind of config: its text, its types, its secrets, its settings.

mod check;
mod dev_stack;
mod device;
mod doorbell;
mod environment;
mod https;
mod linking;
mod names;
mod previews;
mod program;
mod readme;
mod schema;
mod secrets;
mod settings;
mod skills;
mod stack;
mod tailscale_auth;
