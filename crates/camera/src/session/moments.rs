//! The frames of moments, found in what is kept or waited for, and made into pictures.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use crate::decode::{DecodeError, Order, Step};
use crate::error::CameraError;
use crate::picture::{Picture, Pictures, Wanted};
use crate::ring::Ring;
use crate::session::Session;
use crate::unit::AccessUnit;

/// How old a frame may be at a moment to be taken for what was to be seen then: a few frames of the slowest cameras.
const STALE: Duration = Duration::from_secs(3);

/// The most bytes of a stream that are gathered for pictures.
const MOST_BYTES: usize = 16 << 20;

impl Session {
    /// The picture of the moment `at`, and those around it that are `wanted`.
    ///
    /// It shows the newest frame that had arrived by then. Where there is none, or none of the last three seconds, since
    /// the stream was down or its keyframes are too far apart, it shows the first one after; a frame says when it arrived.
    /// What it takes is above all the decoding of all frames since the keyframe before.
    ///
    /// Those from after the moment are waited for, so whoever is in a hurry asks for them in another call.
    ///
    /// # Errors
    /// See [`CameraError`].
    pub async fn picture(&self, at: Duration, wanted: &Wanted) -> Result<Pictures, CameraError> {
        let counts = [wanted.before, wanted.after].map(|count| u32::from(count.min(Wanted::MOST)));
        let last = at.saturating_add(wanted.spacing.saturating_mul(counts[1]));
        let deadline = Instant::now() + last.saturating_sub(self.clock.now()) + wanted.within;

        let mut gathered = Gathered::default();
        for count in (1..=counts[0]).rev() {
            let Some(moment) = at.checked_sub(wanted.spacing.saturating_mul(count)) else { continue };
            let ring = self.shared.ring();
            if let Some(number) = frame_by(&ring, moment) {
                gathered.take(&ring, number);
            }
        }
        let of_the_moment = self.gather(at, &mut gathered, deadline).await;
        let of_the_moment =
            of_the_moment.ok_or_else(|| CameraError::NoFrame(self.shared.state.borrow().clone()))?;
        for count in 1..=counts[1] {
            let moment = at.saturating_add(wanted.spacing.saturating_mul(count));
            sleep(moment.saturating_sub(self.clock.now())).await;
            if self.gather(moment, &mut gathered, deadline).await.is_none() {
                break;
            }
        }
        self.develop(gathered, of_the_moment, wanted, deadline).await
    }

    /// Waits for the frame of `moment`, gathers what leads to it, and gives its number.
    async fn gather(&self, moment: Duration, gathered: &mut Gathered, deadline: Instant) -> Option<u64> {
        let mut frames = self.shared.frames.subscribe();
        loop {
            frames.mark_unchanged();
            {
                let ring = self.shared.ring();
                let after = || ring.first_after(moment).map(|kept| kept.number);
                if let Some(number) = frame_by(&ring, moment).or_else(after) {
                    return gathered.take(&ring, number).then_some(number);
                }
            }
            timeout_at(deadline, frames.changed()).await.ok()?.ok()?;
        }
    }

    async fn develop(
        &self,
        gathered: Gathered,
        of_the_moment: u64,
        wanted: &Wanted,
        deadline: Instant,
    ) -> Result<Pictures, CameraError> {
        let turn = timeout_at(deadline, self.decoding.acquire()).await;
        let _turn = turn.map_err(|_| CameraError::Busy)?.map_err(|_| CameraError::Busy)?;
        let made = self.decoder.decode(&gathered.order(wanted), deadline).await?;

        let (mut before, mut at, mut after) = (Vec::new(), None, Vec::new());
        for (number, made) in gathered.wanted.iter().zip(made) {
            let arrived = gathered.units.get(number).map_or(Duration::ZERO, |unit| unit.arrived);
            let picture = made.map(|made| {
                let (width, height, jpeg) = (made.width, made.height, made.jpeg);
                Picture { arrived, width, height, jpeg }
            });
            match number.cmp(&of_the_moment) {
                std::cmp::Ordering::Less => before.extend(picture),
                std::cmp::Ordering::Equal => at = Some(picture),
                std::cmp::Ordering::Greater => after.extend(picture),
            }
        }
        let at = at.unwrap_or_else(|| Err("nothing was told of it".into()));
        Ok(Pictures { before, at: at.map_err(DecodeError::Undecodable)?, after })
    }
}

/// The number of the newest frame that arrived by `moment`, if it is not stale.
fn frame_by(ring: &Ring, moment: Duration) -> Option<u64> {
    let newest = ring.newest_at(moment)?;
    (moment.saturating_sub(newest.unit.arrived) <= STALE).then_some(newest.number)
}

/// What is to be decoded, and of which units pictures are wanted.
#[derive(Debug, Default)]
struct Gathered {
    units: BTreeMap<u64, AccessUnit>,
    bytes: usize,
    wanted: BTreeSet<u64>,
}

impl Gathered {
    /// Takes the unit with this number, and all that leads to it, unless that is too much.
    fn take(&mut self, ring: &Ring, number: u64) -> bool {
        let new = || ring.leading_to(number).filter(|kept| !self.units.contains_key(&kept.number));
        let bytes = self.bytes + new().map(|kept| kept.unit.data.len()).sum::<usize>();
        if bytes > MOST_BYTES {
            return false;
        }
        let new: Vec<_> = new().map(|kept| (kept.number, kept.unit.clone())).collect();
        self.bytes = bytes;
        self.units.extend(new);
        self.wanted.insert(number);
        true
    }

    /// Leaves out what no picture needs.
    fn order(&self, wanted: &Wanted) -> Order {
        let steps = self.units.iter().map(|(number, unit)| (self.wanted.contains(number), unit));
        let needed = steps.filter(|(is_wanted, unit)| *is_wanted || !unit.is_disposable);
        let step = |(is_wanted, unit): (bool, &AccessUnit)| Step { unit: unit.data.clone(), is_wanted };
        Order { steps: needed.map(step).collect(), widest: wanted.widest, quality: wanted.quality }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_picture_needs_is_not_decoded() {
        let mut ring = Ring::new(1_000);
        for number in 0..6_u8 {
            let (is_key, is_disposable) = (number == 0, number % 2 == 1);
            let arrived = Duration::from_secs(number.into());
            ring.push(AccessUnit { arrived, is_key, is_disposable, data: vec![number].into() });
        }
        let mut gathered = Gathered::default();
        assert!(gathered.take(&ring, 1) && gathered.take(&ring, 4));
        let order = gathered.order(&Wanted::default());
        let steps: Vec<_> = order.steps.iter().map(|step| (step.unit[0], step.is_wanted)).collect();
        assert_eq!(steps, [(0, false), (1, true), (2, false), (4, true)]);
    }

    #[test]
    fn no_more_is_gathered_than_there_is_room_for() {
        let mut ring = Ring::new(usize::MAX);
        for is_key in [true, true, false] {
            let data = vec![0; MOST_BYTES / 2].into();
            ring.push(AccessUnit { arrived: Duration::ZERO, is_key, is_disposable: false, data });
        }
        let mut gathered = Gathered::default();
        assert!(gathered.take(&ring, 2));
        assert!(!gathered.take(&ring, 0));
        assert!(gathered.take(&ring, 1));
    }
}
