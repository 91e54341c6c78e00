//! Whether an event is sent again, and when.

use std::time::Duration;

use super::error::{Class, Terminal};

/// The pause before each try after one that was refused: three at most, a second or more apart (developer.amazon.com,
/// send-events-to-the-alexa-event-gateway).
const PAUSES: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];

/// Pause before a try when nothing could be sent. There is no limit to their number but the age of what is sent.
const RECONNECT: Duration = Duration::from_secs(1);

/// What happened to one event so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attempts {
    /// How often it was sent again after a refusal that passes.
    again: usize,
    /// Whether the access token was refreshed for it.
    refreshed: bool,
}

/// What comes next for an event that is not known to be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Refresh the access token, then send it at once.
    Refresh,
    /// Send it again, the same message with the same id, after this pause.
    Again(Duration),
    /// Nobody knows whether it was accepted: whoever sent it decides whether once too often is better than not at all.
    Unknown,
    /// Give it up, because somebody has to act first.
    Terminal(Terminal),
    /// Give it up: it was tried as often as is allowed, or can never be accepted.
    GiveUp,
}

impl Attempts {
    /// Decides about a failure of this class, and counts it.
    pub fn after(&mut self, class: Class) -> Decision {
        match class {
            Class::Unsent => Decision::Again(RECONNECT),
            Class::Unknown => Decision::Unknown,
            Class::Passing => self.again(),
            Class::Token if !self.refreshed => {
                self.refreshed = true;
                Decision::Refresh
            }
            Class::Terminal(terminal) => Decision::Terminal(terminal),
            Class::Token | Class::Ours => Decision::GiveUp,
        }
    }

    fn again(&mut self) -> Decision {
        let Some(pause) = PAUSES.get(self.again) else { return Decision::GiveUp };
        self.again += 1;
        Decision::Again(*pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_is_tried_three_times_more_a_second_or_more_apart() {
        let mut attempts = Attempts::default();
        for pause in PAUSES {
            assert!(pause >= Duration::from_secs(1));
            assert_eq!(attempts.after(Class::Passing), Decision::Again(pause));
        }
        assert_eq!(attempts.after(Class::Passing), Decision::GiveUp);
    }

    #[test]
    fn a_token_is_refreshed_once() {
        let mut attempts = Attempts::default();
        assert_eq!(attempts.after(Class::Token), Decision::Refresh);
        assert_eq!(attempts.after(Class::Token), Decision::GiveUp);
    }

    #[test]
    fn what_was_not_sent_does_not_count() {
        let mut attempts = Attempts::default();
        for _ in 0..20 {
            assert_eq!(attempts.after(Class::Unsent), Decision::Again(RECONNECT));
        }
        assert_eq!(attempts, Attempts::default());
    }

    #[test]
    fn what_needs_somebody_is_given_up_at_once() {
        let mut attempts = Attempts::default();
        for terminal in [Terminal::SkillDisabled, Terminal::NeverEnabled, Terminal::AccountNotFound] {
            assert_eq!(attempts.after(Class::Terminal(terminal)), Decision::Terminal(terminal));
        }
        assert_eq!(attempts.after(Class::Ours), Decision::GiveUp);
        assert_eq!(attempts.after(Class::Unknown), Decision::Unknown);
    }
}
