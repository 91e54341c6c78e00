//! Pauses that grow, and that two doorbells do not make alike.

use std::time::Duration;

/// Pauses before trying again what failed.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    next: Duration,
    random: Random,
}

impl Backoff {
    /// Pauses of about one second at first, and twice as long each time.
    pub fn new(random: Random) -> Self {
        Self { next: Duration::from_secs(1), random }
    }

    /// The pause before the next try, at most `longest`: three quarters of what its turn is, or up to a quarter more.
    pub fn pause(&mut self, longest: Duration) -> Duration {
        let pause = self.next.min(longest);
        self.next = (self.next * 2).min(longest);
        self.random.shortened(pause)
    }

    /// It worked: the next failure is the first again.
    pub fn reset(&mut self) {
        self.next = Duration::from_secs(1);
    }
}

/// Numbers that look random and follow from a seed (splitmix64).
#[derive(Clone, Copy, Debug)]
pub struct Random(u64);

impl Random {
    /// The numbers that follow from `seed`.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// The next number as one from 0 to 1, without 1.
    pub fn fraction(&mut self) -> f64 {
        // 53 bits are what a float holds exactly.
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
        let fraction = (self.number() >> 11) as f64 / (1_u64 << 53) as f64;
        fraction
    }

    /// Three quarters of a pause, or up to a quarter more.
    pub fn shortened(&mut self, pause: Duration) -> Duration {
        pause.mul_f64(0.75 + 0.25 * self.fraction())
    }

    /// A generator whose numbers are others than the next ones of this.
    #[must_use]
    pub fn fork(&mut self) -> Self {
        Self(self.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_the_longest_and_start_anew_after_success() {
        let mut backoff = Backoff::new(Random::new(7));
        let longest = Duration::from_secs(5);
        for turn in [1.0, 2.0, 4.0, 5.0, 5.0] {
            let pause = backoff.pause(longest).as_secs_f64();
            assert!((turn * 0.75..turn).contains(&pause), "{pause} of {turn}");
        }
        backoff.reset();
        assert!(backoff.pause(longest) < Duration::from_secs(1));
    }
}
