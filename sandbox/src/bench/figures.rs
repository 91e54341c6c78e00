//! The figures, what each is to reach, and how they are shown. Of all of them, less is better.

use serde::Serialize;

/// A figure's name, whose end is its unit, and the greatest value that is good.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figure {
    /// Its name.
    pub name: &'static str,
    /// What it is to reach.
    pub goal: f64,
}

/// The bridge's reply time less Home Assistant's own, the environment warm: median.
pub const WARM_P50: Figure = Figure::new("bridge.warm_overhead_p50_ms", 3.0);
/// The same: 95th percentile.
pub const WARM_P95: Figure = Figure::new("bridge.warm_overhead_p95_ms", 8.0);
/// From the start of an environment to its first reply: median.
pub const COLD_P50: Figure = Figure::new("bridge.cold_p50_ms", 300.0);
/// The same: 95th percentile.
pub const COLD_P95: Figure = Figure::new("bridge.cold_p95_ms", 1200.0);
/// The same over the usual design's: medians.
pub const COLD_RATIO: Figure = Figure::new("bridge.cold_ratio", 0.3);
/// From the start of an environment to its first reply, control server and relay 30 ms away: median.
pub const FAR_COLD_P50: Figure = Figure::new("bridge.cold_rtt30_p50_ms", 750.0);
/// The same: 95th percentile.
pub const FAR_COLD_P95: Figure = Figure::new("bridge.cold_rtt30_p95_ms", 1700.0);
/// The same over the usual design's: medians.
pub const FAR_COLD_RATIO: Figure = Figure::new("bridge.cold_rtt30_ratio", 0.55);
/// The first directive after a freeze: 95th percentile.
pub const THAW_P95: Figure = Figure::new("bridge.thaw_p95_ms", 1500.0);
/// How many of them got no proper reply.
pub const THAW_FAILURES: Figure = Figure::new("bridge.thaw_failures", 0.0);
/// Answers to directives with a fault on their way that are no valid event.
pub const INVALID_REPLIES: Figure = Figure::new("bridge.invalid_replies", 0.0);
/// Answers to them that come later than Lambda waits.
pub const LATE_REPLIES: Figure = Figure::new("bridge.late_replies", 0.0);
/// Those of them that may be delivered once, and were delivered more often.
pub const REPEATED_UNSAFE: Figure = Figure::new("bridge.repeated_unsafe", 0.0);
/// The image, compressed.
pub const IMAGE: Figure = Figure::new("bridge.image_mb", 12.0);
/// The function and its tailscaled in memory.
pub const RESIDENT: Figure = Figure::new("bridge.resident_mb", 60.0);
/// From the edge of a press to the event gateway's answer: 95th percentile.
pub const PRESS_ACCEPTED_P95: Figure = Figure::new("press.accepted_p95_ms", 60.0);
/// From the edge of a press to the start of an integration on the machine: 95th percentile.
pub const PRESS_LOCAL_P95: Figure = Figure::new("press.local_p95_ms", 100.0);
/// From the edge of a press to its picture, stored: 95th percentile.
pub const PRESS_PICTURE_P95: Figure = Figure::new("press.picture_p95_ms", 2000.0);
/// Presses of runs with faults that nobody was told of in time.
pub const PRESS_LOST: Figure = Figure::new("press.lost", 0.0);
/// Those of them that somebody was told of twice.
pub const PRESS_DOUBLED: Figure = Figure::new("press.doubled", 0.0);
/// The daemon at the door in memory, with Alexa alone.
pub const DEVICE_RESIDENT_IDLE: Figure = Figure::new("device.resident_idle_mb", 12.0);
/// The same with every kind of integration.
pub const DEVICE_RESIDENT_FULL: Figure = Figure::new("device.resident_full_mb", 20.0);
/// The daemon's Debian package for a Raspberry Pi.
pub const DEVICE_PACKAGE: Figure = Figure::new("device.package_mb", 5.0);
/// `pulumi preview` of the dev stack.
pub const PREVIEW: Figure = Figure::new("infra.preview_s", 8.0);
/// `pulumi up` of the dev stack with nothing to do.
pub const NOOP_UP: Figure = Figure::new("infra.noop_up_s", 15.0);
/// `cargo xtask up` where nothing was ever set up.
pub const UP_FROM_NOTHING: Figure = Figure::new("infra.up_from_nothing_s", 240.0);

impl Figure {
    const fn new(name: &'static str, goal: f64) -> Self {
        Self { name, goal }
    }

    /// The figure as it was measured in `n` runs; rounded, because more digits would only look exact.
    #[must_use]
    pub fn measured(self, value: f64, n: usize, note: impl Into<String>) -> Measured {
        let value = (value * 1000.0).round() / 1000.0;
        Measured {
            figure: self.name,
            value,
            goal: self.goal,
            meets: value <= self.goal,
            n,
            note: note.into(),
        }
    }
}

/// A measured figure, as `--json` prints it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measured {
    /// Its name.
    pub figure: &'static str,
    /// What was measured, in the unit that ends the name.
    pub value: f64,
    /// What it is to reach.
    pub goal: f64,
    /// Whether it does.
    pub meets: bool,
    /// In how many runs.
    pub n: usize,
    /// How it was measured, and what a reader must know to compare it.
    pub note: String,
}

/// The table's first line.
pub const HEADING: &str = "FIGURE                             VALUE     GOAL  MEETS     N  NOTE\n";

impl Measured {
    /// One line of JSON.
    #[must_use]
    pub fn json(&self) -> String {
        // A struct of numbers and strings always serialises.
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }

    /// One line of the table.
    #[must_use]
    pub fn row(&self) -> String {
        let Self { figure, value, goal, meets, n, note } = self;
        let meets = if *meets { "yes" } else { "NO" };
        let value = if *value < 10.0 { format!("{value:.2}") } else { format!("{value:.1}") };
        format!("{figure:<30} {value:>9} {goal:>8}  {meets:<5} {n:>5}  {note}\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_one_line_of_json_with_its_goal() {
        let measured = WARM_P50.measured(2.345_678, 200, "pairs");
        assert_eq!(
            measured.json(),
            "{\"figure\":\"bridge.warm_overhead_p50_ms\",\"value\":2.346,\"goal\":3.0,\"meets\":true,\"n\":200,\
             \"note\":\"pairs\"}\n"
        );
    }

    #[test]
    fn a_figure_meets_its_goal_up_to_the_goal_itself() {
        for (value, meets) in
            [(0.0, true), (0.3, true), (0.300_4, true), (0.301, false), (f64::INFINITY, false)]
        {
            assert_eq!(COLD_RATIO.measured(value, 1, "").meets, meets, "{value}");
        }
    }

    #[test]
    fn the_table_s_columns_stand_below_their_heading() {
        let rows = [WARM_P50.measured(2.25, 200, "a note"), COLD_P95.measured(1234.56, 30, "a note")];
        let table = HEADING.to_string() + &rows.iter().map(Measured::row).collect::<String>();
        assert_eq!(
            table,
            "FIGURE                             VALUE     GOAL  MEETS     N  NOTE\n\
             bridge.warm_overhead_p50_ms         2.25        3  yes     200  a note\n\
             bridge.cold_p95_ms                1234.6     1200  NO       30  a note\n"
        );
    }
}
