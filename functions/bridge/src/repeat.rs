//! Which directives may reach Home Assistant twice, and how a second try is made.
//!
//! A directive whose body was sent may have been carried out although its reply never came. It is sent once more only
//! if that makes no difference: a question, or a wish for a state that is the same however often it is told.
//!
//! | sent again | sent once |
//! |---|---|
//! | Discover, ReportState | AcceptGrant: its code is good for one use |
//! | TurnOn, TurnOff of PowerController | the same of ToggleController: some devices toggle |
//! | Set... of brightness, colour, colour temperature, percentage, power level, range, mode, volume, mute | Adjust..., Increase..., Decrease...: each counts |
//! | SetTargetTemperature, SetThermostatMode | Resume, and all else of thermostats |
//! | Lock | Unlock, Disarm: nobody should find a door open that was closed meanwhile |
//! | | Activate of scenes, and everything that is not named here |

use std::pin::pin;
use std::time::Duration;

use alexa::Directive;
use tokio::time::timeout;

/// How long a reply is waited for before a second try is made beside the first. Home Assistant answers in some
/// milliseconds; it is the way there that may be broken without anybody having been told.
pub(crate) const PATIENCE: Duration = Duration::from_millis(1500);

/// Whether Home Assistant may get `directive` twice.
pub(crate) fn is_safe_to_repeat(directive: &Directive) -> bool {
    let (Some(namespace), Some(name)) = (directive.namespace.as_deref(), directive.name.as_deref()) else {
        return false;
    };
    match namespace {
        "Alexa" => name == "ReportState",
        "Alexa.Discovery" => name == "Discover",
        "Alexa.PowerController" => matches!(name, "TurnOn" | "TurnOff"),
        "Alexa.LockController" => name == "Lock",
        "Alexa.ThermostatController" => matches!(name, "SetTargetTemperature" | "SetThermostatMode"),
        "Alexa.BrightnessController"
        | "Alexa.ColorController"
        | "Alexa.ColorTemperatureController"
        | "Alexa.ModeController"
        | "Alexa.PercentageController"
        | "Alexa.PowerLevelController"
        | "Alexa.RangeController"
        | "Alexa.Speaker" => name.starts_with("Set"),
        _ => false,
    }
}

/// The outcome of `first`; when it breaks, or has not come after [`PATIENCE`], whichever of it and `second` is there
/// sooner. A try that broke is the outcome only when the other did not get any further either.
pub(crate) async fn twice<T, E>(
    first: impl Future<Output = Result<T, E>>,
    second: impl Future<Output = Result<T, E>>,
    broke: impl Fn(&E) -> bool,
) -> Result<T, E> {
    let (mut first, mut second) = (pin!(first), pin!(second));
    match timeout(PATIENCE, &mut first).await {
        Ok(Err(error)) if broke(&error) => return second.await,
        Ok(outcome) => return outcome,
        Err(_elapsed) => {}
    }
    tokio::select! {
        outcome = &mut first => match outcome {
            Err(error) if broke(&error) => second.await,
            outcome => outcome,
        },
        outcome = &mut second => match outcome {
            Err(error) if broke(&error) => first.await,
            outcome => outcome,
        },
    }
}

/// The outcome of a try that cannot be made twice. When it has not come after [`PATIENCE`], `nudge` is done beside it,
/// which repairs the way if it is broken.
pub(crate) async fn nudged<T>(once: impl Future<Output = T>, nudge: impl Future<Output = ()>) -> T {
    let (mut once, nudge) = (pin!(once), pin!(nudge));
    if let Ok(outcome) = timeout(PATIENCE, &mut once).await {
        return outcome;
    }
    tokio::select! {
        outcome = &mut once => outcome,
        () = nudge => once.await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directive(namespace: &str, name: &str) -> Directive {
        let header = serde_json::json!({"namespace": namespace, "name": name, "payloadVersion": "3"});
        Directive::read(serde_json::json!({"directive": {"header": header}}).to_string().as_bytes())
    }

    #[test]
    fn only_what_makes_no_difference_is_repeated() {
        for (namespace, name, safe) in [
            ("Alexa.Discovery", "Discover", true),
            ("Alexa", "ReportState", true),
            ("Alexa.PowerController", "TurnOn", true),
            ("Alexa.BrightnessController", "SetBrightness", true),
            ("Alexa.Speaker", "SetMute", true),
            ("Alexa.ThermostatController", "SetTargetTemperature", true),
            ("Alexa.LockController", "Lock", true),
            ("Alexa.BrightnessController", "AdjustBrightness", false),
            ("Alexa.ColorTemperatureController", "IncreaseColorTemperature", false),
            ("Alexa.ThermostatController", "AdjustTargetTemperature", false),
            ("Alexa.ToggleController", "TurnOn", false),
            ("Alexa.LockController", "Unlock", false),
            ("Alexa.SecurityPanelController", "Disarm", false),
            ("Alexa.SceneController", "Activate", false),
            ("Alexa.Authorization", "AcceptGrant", false),
            ("Alexa.PlaybackController", "Next", false),
            ("Alexa.NewController", "SetAnything", false),
            ("alexa.discovery", "Discover", false),
        ] {
            assert_eq!(is_safe_to_repeat(&directive(namespace, name)), safe, "{namespace} {name}");
        }
        assert!(!is_safe_to_repeat(&Directive::default()));
    }

    /// A try that ends after a time with `outcome`, where `Err(true)` is one that broke.
    async fn after(ms: u64, outcome: Result<u8, bool>) -> Result<u8, bool> {
        tokio::time::sleep(Duration::from_millis(ms)).await;
        outcome
    }

    #[tokio::test(start_paused = true)]
    async fn the_better_of_two_tries_is_the_outcome() {
        const NEVER: u64 = 3_600_000;
        for (first, second, wanted, within_ms) in [
            ((10, Ok(1)), (NEVER, Ok(2)), Ok(1), 10),
            ((10, Err(false)), (NEVER, Ok(2)), Err(false), 10),
            ((10, Err(true)), (10, Ok(2)), Ok(2), 20),
            ((10, Err(true)), (10, Err(true)), Err(true), 20),
            ((NEVER, Ok(1)), (10, Ok(2)), Ok(2), 1510),
            ((1600, Ok(1)), (NEVER, Ok(2)), Ok(1), 1600),
            ((1600, Err(true)), (500, Ok(2)), Ok(2), 2000),
            ((2000, Ok(1)), (100, Err(true)), Ok(1), 2000),
        ] {
            let began = tokio::time::Instant::now();
            let outcome = twice(after(first.0, first.1), after(second.0, second.1), |broke| *broke).await;
            assert_eq!(outcome, wanted, "{first:?} {second:?}");
            assert_eq!(began.elapsed(), Duration::from_millis(within_ms), "{first:?} {second:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_single_try_is_nudged_only_when_it_takes_long() {
        for (once_ms, nudged) in [(1400, false), (1600, true), (4000, true)] {
            let mut was_nudged = false;
            let nudge = async { was_nudged = true };
            assert_eq!(super::nudged(after(once_ms, Ok(1)), nudge).await, Ok(1));
            assert_eq!(was_nudged, nudged, "{once_ms}");
        }
    }
}
