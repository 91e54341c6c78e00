//! How old the key to the tailnet is. Nothing in a key says when it ends, but Tailscale lets none live for more than 90
//! days (tailscale.com/kb/1085/auth-keys), and SSM tells since when the parameter holds this one.

use std::time::SystemTime;

/// Days that a key lives at most.
const LONGEST_LIFE: u64 = 90;

/// Days after which a key may end soon: two weeks are enough to make another.
const OLD: u64 = 76;

const DAY: u64 = 86_400;

/// A key that may end soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OldKey {
    /// For how many days it has been where it is.
    pub(crate) days: u64,
}

impl OldKey {
    /// The key that is there since `written`, if it is an old one at `now`; none if that is not known.
    pub(crate) fn of(written: Option<SystemTime>, now: SystemTime) -> Option<Self> {
        let days = now.duration_since(written?).unwrap_or_default().as_secs() / DAY;
        (days >= OLD).then_some(Self { days })
    }

    /// What it is, and what to do.
    pub(crate) fn advice(self) -> String {
        let Self { days } = self;
        let left = LONGEST_LIFE.saturating_sub(days);
        format!(
            "The key to the tailnet is there for {days} days. Tailscale lets none live for more than {LONGEST_LIFE}, so \
             that it ends in {left} at the latest: make another, `pulumi config set --secret porch:tailscaleAuthKey` and \
             `pulumi up`, or let porch make them (`porch:bridge.tailscaleAuth`)."
        )
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_key_is_old_two_weeks_before_it_ends_at_the_latest() {
        let written = SystemTime::UNIX_EPOCH + Duration::from_secs(1_790_000_000);
        let after = |days: u64, seconds: u64| {
            OldKey::of(Some(written), written + Duration::from_secs(days * DAY + seconds))
        };
        assert_eq!(after(0, 0), None);
        assert_eq!(after(75, DAY - 1), None);
        assert_eq!(after(76, 0), Some(OldKey { days: 76 }));
        let advice = |days| after(days, 1).expect("an old key").advice();
        assert!(advice(80).contains("there for 80 days") && advice(80).contains("in 10 at the latest"));
        assert!(advice(100).contains("in 0 at the latest"));
        assert_eq!(OldKey::of(None, written), None);
        // A clock that is wrong says nothing of the key.
        assert_eq!(OldKey::of(Some(written), SystemTime::UNIX_EPOCH), None);
    }
}
