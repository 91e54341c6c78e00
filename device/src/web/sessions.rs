//! Who has shown the password, and who guesses it.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use crate::clock::Monotonic;

/// How long a browser stays logged in without a request.
const IDLE: Duration = Duration::from_secs(7 * 24 * 3600);

/// Browsers that are logged in; the one that was idle for longest makes room for another.
const MOST: usize = 32;

/// How long a wrong password counts, and how many may be wrong in that time: from one address, and from all.
const COUNTS: Duration = Duration::from_secs(300);
const FROM_ONE: usize = 5;
const FROM_ALL: usize = 30;

/// The SHA-256 of what a browser shows.
pub(super) type Key = [u8; 32];

/// The browsers that are logged in.
#[derive(Debug, Default)]
pub(super) struct Sessions(BTreeMap<Key, Monotonic>);

impl Sessions {
    pub(super) fn begin(&mut self, key: Key, now: Monotonic) {
        if self.0.len() >= MOST {
            let oldest = self.0.iter().min_by_key(|(_, used)| **used).map(|(key, _)| *key);
            oldest.and_then(|key| self.0.remove(&key));
        }
        self.0.insert(key, now);
    }

    /// Whether this browser is logged in, which it then stays.
    pub(super) fn know(&mut self, key: &Key, now: Monotonic) -> bool {
        self.0.retain(|_, used| now.since(*used) < IDLE);
        self.0.get_mut(key).map(|used| *used = now).is_some()
    }

    pub(super) fn end(&mut self, key: &Key) {
        self.0.remove(key);
    }
}

/// Passwords that were wrong of late. As many as count are kept, so that it needs no other bound.
#[derive(Debug, Default)]
pub(super) struct Failures(Vec<(IpAddr, Monotonic)>);

impl Failures {
    /// How long whoever is at `address` has to wait before another try; nothing if he need not.
    pub(super) fn wait(&mut self, address: IpAddr, now: Monotonic) -> Option<Duration> {
        self.0.retain(|(_, at)| now.since(*at) < COUNTS);
        let network = network(address);
        let from_here: Vec<Monotonic> =
            self.0.iter().filter(|(other, _)| *other == network).map(|(_, at)| *at).collect();
        let until = |times: &[Monotonic], most: usize| {
            let first = times.len().checked_sub(most).and_then(|index| times.get(index))?;
            Some((*first + COUNTS).since(now))
        };
        let all: Vec<Monotonic> = self.0.iter().map(|(_, at)| *at).collect();
        until(&from_here, FROM_ONE).max(until(&all, FROM_ALL))
    }

    pub(super) fn add(&mut self, address: IpAddr, now: Monotonic) {
        self.0.push((network(address), now));
    }
}

/// Whoever has one IPv6 address has the 2^64 beside it as well.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: u64) -> Monotonic {
        Monotonic::from_nanos(second * 1_000_000_000)
    }

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn after_five_wrong_passwords_an_address_waits_until_the_first_is_forgotten() {
        let mut failures = Failures::default();
        for second in 0..5 {
            assert_eq!(failures.wait(address("192.0.2.1"), at(second)), None);
            failures.add(address("192.0.2.1"), at(second));
        }
        assert_eq!(failures.wait(address("192.0.2.1"), at(5)), Some(Duration::from_secs(295)));
        assert_eq!(failures.wait(address("192.0.2.2"), at(5)), None);
        assert_eq!(failures.wait(address("192.0.2.1"), at(300)), None);
    }

    #[test]
    fn many_addresses_are_no_way_around_it() {
        let mut failures = Failures::default();
        (0..30).for_each(|host| failures.add(address(&format!("192.0.2.{host}")), at(host)));
        assert_eq!(failures.wait(address("192.0.2.200"), at(30)), Some(Duration::from_secs(270)));
        let mut failures = Failures::default();
        (0..5).for_each(|host| failures.add(address(&format!("2001:db8::{host}")), at(0)));
        assert!(failures.wait(address("2001:db8::99"), at(0)).is_some());
        assert!(failures.wait(address("2001:db8:0:1::1"), at(0)).is_none());
    }

    #[test]
    fn a_browser_stays_logged_in_while_it_is_used() {
        let mut sessions = Sessions::default();
        let day = 24 * 3600;
        sessions.begin([1; 32], at(0));
        assert!(sessions.know(&[1; 32], at(6 * day)));
        assert!(sessions.know(&[1; 32], at(12 * day)));
        assert!(!sessions.know(&[1; 32], at(19 * day)));
        sessions.begin([2; 32], at(0));
        sessions.end(&[2; 32]);
        assert!(!sessions.know(&[2; 32], at(0)));
    }

    #[test]
    fn more_browsers_than_there_may_be_end_the_one_that_was_idle_for_longest() {
        let mut sessions = Sessions::default();
        (0..=32).for_each(|number| sessions.begin([number; 32], at(number.into())));
        assert!(!sessions.know(&[0; 32], at(40)));
        assert!((1..=32).all(|number| sessions.know(&[number; 32], at(40))));
    }
}
