//! When what is out of order.

use std::time::Duration;

use device::backoff::Random;
use device::clock::Monotonic;

pub(crate) const MINUTE: Duration = Duration::from_secs(60);
pub(crate) const HOUR: Duration = Duration::from_secs(60 * 60);
pub(crate) const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What can be out of order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Thing {
    /// Everything outside of the house.
    Internet,
    /// The table of grants.
    Table,
    /// Amazon's event gateway asks for patience.
    Gateway,
    /// Each integration, by its place among them.
    Integration(usize),
}

/// What is out of order on one day, and from when to when.
pub(crate) struct Weather(Vec<(Thing, Monotonic, Monotonic)>);

impl Weather {
    /// The weather of the day that begins at `morning`. Each thing is out of order on every second day or so, for some
    /// minutes up to some hours, and in order at midnight.
    pub(crate) fn of_day(morning: Monotonic, integrations: usize, random: &mut Random) -> Self {
        let of_house = (0..integrations).map(Thing::Integration);
        let things = [Thing::Internet, Thing::Table, Thing::Gateway].into_iter().chain(of_house);
        let outages = things.filter_map(|thing| {
            let begin = morning + HOUR + (HOUR * 18).mul_f64(random.fraction());
            let length = MINUTE + (HOUR * 3).mul_f64(random.fraction());
            random.number().is_multiple_of(2).then_some((thing, begin, begin + length))
        });
        Self(outages.collect())
    }

    /// Whether `thing` is out of order at `now`.
    pub(crate) fn is_out(&self, thing: Thing, now: Monotonic) -> bool {
        self.0.iter().any(|(what, begin, end)| *what == thing && *begin <= now && now < *end)
    }
}
