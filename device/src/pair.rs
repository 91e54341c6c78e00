//! `porch-doorbell pair hue ADDRESS`: what it takes once, before lamps can be in the settings.

use std::process::ExitCode;
use std::time::Duration;

use hue::{Address, Clock, DeviceType, Found, PairError, SystemClock, look};
use secrecy::ExposeSecret;

/// How long the bridge's button can be pressed.
const PATIENCE: Duration = Duration::from_secs(60);

/// Pairs with the Hue Bridge at `address`: says on standard error what to do, and on standard output what then belongs
/// into the settings and into the file of secrets.
pub async fn run(address: &Address) -> ExitCode {
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    match hue(address, &host, &SystemClock, |found| eprintln!("{}", invitation(address, found))).await {
        Ok(told) => say(&told),
        Err(error) => {
            eprintln!("porch-doorbell: {}", http_client::told(&error));
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stdout, reason = "it is what was asked for")]
fn say(told: &str) -> ExitCode {
    println!("{told}");
    ExitCode::SUCCESS
}

/// What the settings and the secrets need, once the button was pressed. `found` is called before.
///
/// # Errors
/// See [`PairError`].
pub async fn hue(
    address: &Address,
    host: &str,
    clock: &dyn Clock,
    found: impl FnOnce(&Found),
) -> Result<String, PairError> {
    let bridge = look(address).await?;
    found(&bridge);
    let paired = bridge.pair(&DeviceType::of_host(host), clock, clock.now() + PATIENCE).await?;
    let (pin, key) = (paired.pin, paired.key.expose_secret());
    Ok(format!(
        "\
# In the settings; with rooms = [\"…\"] or scene = \"room/scene\" as well as lights, or instead:
[[hue]]
address = \"{address}\"
certificate = \"{pin}\"
lights = [\"as the Hue app calls it\"]

# In the file of secrets, which nobody else may read:
[hue]
key = \"{key}\""
    ))
}

/// What a person is asked for, and to compare.
pub fn invitation(address: &Address, found: &Found) -> String {
    format!(
        "At {address} is the bridge {id}, called \"{name}\". If that number, or its end, is printed on yours, press its \
         button within a minute.\nIts certificate has the fingerprint {pin}.",
        id = found.id,
        name = found.name,
        pin = found.pin(),
    )
}
