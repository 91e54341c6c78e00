//! What AWS charges in us-east-1 and eu-west-1's like, in USD. Read from AWS's price pages in November 2026; they change
//! seldom, and when they do, this is the place.

/// A thing that is charged for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Price {
    /// What it is.
    pub what: &'static str,
    /// What is counted.
    pub unit: &'static str,
    /// Price of one unit.
    pub usd: f64,
    /// Units that an account has for nothing each month, for ever.
    pub free: f64,
}

impl Price {
    /// What `units` of it cost in a month.
    #[must_use]
    pub fn of(self, units: f64) -> f64 {
        (units - self.free).max(0.0) * self.usd
    }
}

/// Invocations.
pub(super) const REQUESTS: Price =
    Price { what: "Lambda, requests", unit: "requests", usd: 0.20e-6, free: 1e6 };
/// Time times memory, on arm64.
pub(super) const COMPUTE: Price =
    Price { what: "Lambda, time", unit: "GB-s", usd: 0.000_013_333_4, free: 400_000.0 };
/// What is written into logs.
pub(super) const LOGS: Price = Price { what: "CloudWatch, logs", unit: "GB", usd: 0.50, free: 5.0 };
/// What the alarms watch: one of `alarmEmail`'s.
pub(super) const ALARMS: Price = Price { what: "CloudWatch, alarms", unit: "alarms", usd: 0.10, free: 10.0 };
/// Reads of 4 KB.
pub(super) const READS: Price = Price { what: "DynamoDB, reads", unit: "units", usd: 0.125e-6, free: 0.0 };
/// Writes of 1 KB.
pub(super) const WRITES: Price = Price { what: "DynamoDB, writes", unit: "units", usd: 0.625e-6, free: 0.0 };
/// Images.
pub(super) const IMAGES: Price = Price { what: "ECR, images", unit: "GB", usd: 0.10, free: 0.0 };
/// The daemon's packages.
pub(super) const PACKAGES: Price = Price { what: "S3, packages", unit: "GB", usd: 0.023, free: 0.0 };
/// What leaves AWS for the house and the Raspberry Pi.
pub(super) const TRANSFER: Price = Price { what: "transfer out", unit: "GB", usd: 0.09, free: 100.0 };
