//! A check, carried out with what is known.

use super::check::{Check, Checks, Profile, Trouble, Vendor};
use super::known::Known;
use super::question::{BASE_URL, CLIENT_ID, OAUTH_CLIENT_ID, Question, REGION, VENDOR};
use super::words::DEVELOPER_CONSOLE;

/// What came of a check that was passed.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// For people.
    pub(super) said: String,
    /// For whom the developer makes skills, where that was asked.
    pub(super) vendors: Vec<Vendor>,
}

/// Tries `check`; all that it takes is in `known`.
///
/// # Errors
/// What is wrong, and which answers are to blame.
pub(super) async fn try_out(checks: &impl Checks, check: Check, known: &Known) -> Result<Found, Trouble> {
    let text = |path: &str| known.get(path).unwrap_or_default();
    let said = match check {
        Check::Aws => {
            let region = text(REGION);
            format!("AWS: {}, in {region}", checks.caller(region).await?)
        }
        Check::Amazon => return vendors(checks, known).await,
        Check::Tailnet => {
            let secret = text(&Question::OauthSecret.path()).into();
            checks.tailnet(text(OAUTH_CLIENT_ID), secret).await?;
            "Tailscale: knows the client".to_owned()
        }
        Check::HomeAssistant => {
            let at = text(BASE_URL);
            checks.home_assistant(at).await?;
            format!("Home Assistant: is there, at {at}")
        }
    };
    Ok(Found { said, vendors: Vec::new() })
}

/// The security profile that is known.
pub(super) fn profile(known: &Known) -> Profile {
    let text = |path: &str| known.get(path).unwrap_or_default();
    let client_secret = text(&Question::ClientSecret.path()).into();
    Profile { client_id: text(CLIENT_ID).to_owned(), client_secret }
}

async fn vendors(checks: &impl Checks, known: &Known) -> Result<Found, Trouble> {
    let refresh_token = known.get(&Question::Consent.path()).unwrap_or_default().into();
    let vendors = checks.vendors(&profile(known), &refresh_token).await?;
    if vendors.is_empty() {
        let why = "this developer is no vendor of skills yet, which";
        return Err(Trouble::elsewhere(format!("{why} opening {DEVELOPER_CONSOLE} once makes of him")));
    }
    match known.get(VENDOR) {
        Some(vendor) if vendors.iter().all(|found| found.id.as_str() != vendor) => {
            let why =
                format!("the developer makes no skills for the vendor {vendor}, but for {}", list(&vendors));
            Err(Trouble::of(&[Question::Vendor], why))
        }
        _ => Ok(Found { said: "Amazon: lets porch make skills".to_owned(), vendors }),
    }
}

/// Vendors as people know them.
pub(super) fn list(vendors: &[Vendor]) -> String {
    let named: Vec<String> =
        vendors.iter().map(|vendor| format!("{} ({})", vendor.id, vendor.name)).collect();
    named.join(", ")
}
