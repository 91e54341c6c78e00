//! What becomes of a flash, for people.

/// What came of a flash.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FlashReport {
    /// What flashed, by name.
    pub flashed: Vec<String>,
    /// What did not, and why.
    pub missed: Vec<(String, String)>,
    /// How many lights came back by themselves.
    pub same: usize,
    /// How many lights were told what they were like.
    pub restored: usize,
    /// Lights that somebody has changed meanwhile, and that are left as they are.
    pub changed: Vec<String>,
    /// Lights that could not be told. They are remembered, and told at the end of the next flash.
    pub left: Vec<String>,
}
