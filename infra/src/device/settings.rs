//! The group `porch:device`.

use crate::config::{DEVICE, DOORBELL, StackConfig};
use crate::group::Group;
use crate::settings::TRUE_OR_FALSE;
use crate::values::Expected;
use crate::wrong::{Found, Wrong};

/// What the daemon's package is declared from.
#[derive(Debug)]
pub struct DeviceSettings {
    /// `architecture` of the machine at the door. Default arm64, which is every Raspberry Pi with a 64-bit system.
    pub architecture: DebianArchitecture,
    /// `keepOldDays`, 1 to 3650: how long what was replaced in the bucket stays. Default 90.
    pub keep_old_days: u32,
    /// `protectSigningKey`: let Pulumi not delete the key, since every Raspberry Pi would have to be set up again. Default
    /// true.
    pub protect_signing_key: bool,
}

/// Debian's name of an instruction set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DebianArchitecture {
    /// ARM, 64 bits.
    Arm64,
    /// ARM, 32 bits with hardware floating point.
    Armhf,
    /// Intel and AMD, 64 bits.
    Amd64,
}

impl DeviceSettings {
    pub(crate) fn read(config: &StackConfig, wrong: &mut Vec<Wrong>) -> Option<Self> {
        let mut group = Group::open(config, DEVICE, wrong)?;
        let architecture = group.text("architecture", "arm64", DebianArchitecture::parse);
        let accepts = |days| (1..=3650).contains(&days);
        let keep_old_days = group.number("keepOldDays", 90, "a whole number of days from 1 to 3650", accepts);
        let protect_signing_key = group.flag("protectSigningKey", TRUE_OR_FALSE);
        group.close();
        if !config.entries.contains_key(DOORBELL) {
            wrong.push(Wrong {
                name: DEVICE.to_owned(),
                found: Found::Described("a group of settings"),
                expected: format!(
                    "nothing, unless there is {DOORBELL}: the package is for the doorbell's machine"
                ),
                way_out: format!("pulumi config rm {DEVICE}\nor set up {DOORBELL}, as README says"),
            });
        }
        Some(Self {
            architecture: architecture.unwrap_or(DebianArchitecture::Arm64),
            keep_old_days: keep_old_days.unwrap_or(90),
            protect_signing_key: protect_signing_key.unwrap_or(true),
        })
    }
}

impl DebianArchitecture {
    /// Reads Debian's name, as `dpkg --print-architecture` says it.
    pub fn parse(text: &str) -> Result<Self, Expected> {
        match text {
            "arm64" => Ok(Self::Arm64),
            "armhf" => Ok(Self::Armhf),
            "amd64" => Ok(Self::Amd64),
            _ => Err("arm64, armhf or amd64, as `dpkg --print-architecture` says it there".to_owned()),
        }
    }

    /// Debian's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Arm64 => "arm64",
            Self::Armhf => "armhf",
            Self::Amd64 => "amd64",
        }
    }
}
