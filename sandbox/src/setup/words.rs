//! What the person is told, and asked: the three steps by hand, each with its page and what to copy.

use infra::skills::{VendorId, return_urls};
use url::Url;

use super::check::Vendor;
use super::known::Known;
use super::question::{Question, regions};
use super::trial::list;

/// Where a browser brings Amazon's answer, at 127.0.0.1.
pub(super) const CALLBACK_PORT: u16 = 9090;

const PROFILES: &str = "https://developer.amazon.com/loginwithamazon/console/site/lwa/overview.html";
const TRUST_CREDENTIALS: &str = "https://login.tailscale.com/admin/settings/trust-credentials";
const KEYS: &str = "https://login.tailscale.com/admin/settings/keys";

/// Where a developer becomes a vendor.
pub(super) const DEVELOPER_CONSOLE: &str = "https://developer.amazon.com/alexa/console/ask";

/// What is told before the question is asked for the first time; what nobody has to be told is empty.
pub(super) fn before(question: Question, vendors: &[Vendor]) -> String {
    match question {
        Question::Region => format!(
            "\nAlexa calls your functions in one region of AWS, by the locale of your Amazon account:\n{}\
             (Your account's language decides it, not where you live.)",
            regions()
        ),
        Question::ClientId => format!(
            "\nBy hand, 1 of 3: a security profile of Login with Amazon, with which porch makes the skills.\n  \
             Open  {PROFILES}\n  \
             Do    Create a New Security Profile, under any name; in its Web Settings\n        \
             add this to Allowed Return URLs:  http://127.0.0.1:{CALLBACK_PORT}/cb\n  \
             Copy  its Client ID and Client Secret"
        ),
        Question::TailscaleAuth => "\nBy hand, 2 of 3: what lets the function into your tailnet.\n  \
             1  an OAuth client of Tailscale: porch makes keys with it, for ever (recommended)\n  \
             2  an auth key: quick to make, but Tailscale ends it after 90 days; headscale's too"
            .into(),
        Question::OauthClientId => format!(
            "  Open  {TRUST_CREDENTIALS}\n  \
             Do    make an OAuth client with the scope auth_keys (write) and a tag, like tag:porch, that your\n        \
             tailnet's policy has among its tagOwners and lets reach Home Assistant\n  \
             Copy  its id and its secret"
        ),
        Question::AuthKey => format!(
            "  Open  {KEYS}\n  \
             Do    Generate auth key: reusable, ephemeral, with a tag that may reach Home Assistant\n  \
             Copy  the key"
        ),
        Question::HomeAssistant => {
            "\nHome Assistant, by the address that a machine of your tailnet has for it.".into()
        }
        Question::Bells => {
            "\nBells that you build at the door, if any: what you call each, with commas between.".into()
        }
        Question::Vendor => format!("\nThe developer makes skills for several: {}", list(vendors)),
        Question::ClientSecret | Question::Consent | Question::OauthSecret | Question::Tag => String::new(),
    }
}

/// The question itself.
pub(super) fn prompt(question: Question) -> &'static str {
    match question {
        Question::Region => "Region, or the locale of your account:",
        Question::ClientId => "Client ID:",
        Question::ClientSecret => "Client Secret:",
        Question::Consent => "Refresh token:",
        Question::Vendor => "Vendor id:",
        Question::TailscaleAuth => "1 or 2 [1]:",
        Question::OauthClientId => "Id of the OAuth client:",
        Question::OauthSecret => "Its secret:",
        Question::Tag => "Its tag:",
        Question::AuthKey => "Auth key:",
        Question::HomeAssistant => "Address, like http://homeassistant:8123:",
        Question::Bells => "Bells, like Front door, Garden; or nothing for none:",
    }
}

/// Told when a browser has to go to Amazon's page.
pub(super) fn about_page(page: &Url) -> String {
    format!(
        "\nOpen this page in a browser on this machine, log in as the developer, and allow it:\n\n  {page}\n\n\
         (With a browser elsewhere: ssh -L {CALLBACK_PORT}:127.0.0.1:{CALLBACK_PORT} from there to here, first.)\n\
         Waiting for it, for ten minutes at most ..."
    )
}

/// Told when the vendor is known, while the profile's page is still open.
pub(super) fn return_urls_of(vendor: &str) -> String {
    let urls = VendorId::parse(vendor).map(|vendor| return_urls(&vendor)).unwrap_or_default();
    let lines: String = urls.split(' ').map(|url| format!("\n    {url}")).collect();
    format!(
        "While the security profile's page is open: add these three to its Allowed Return URLs, too. A doorbell's skill is \
         linked there.{lines}"
    )
}

/// What is left to do, once everything is known.
pub(super) fn after(stack: &str, known: &Known) -> String {
    let has_bells = known.get(&Question::Bells.path()).is_some();
    let skills = if has_bells { "\"Home Assistant\" and \"Doorbell\"" } else { "\"Home Assistant\"" };
    let bells = match has_bells {
        true => {
            "\n        then discover devices, and switch on Doorbell Press Announcements for each bell\n        \
             (the security profile must allow the addresses of `pulumi stack output alexaReturnUrls`)"
        }
        false => "",
    };
    format!(
        "\nThe stack {stack} is set up and selected. Next:\n\n  pulumi up\n\n\
         By hand, 3 of 3, once it is up: link the skills.\n  \
         Open  the Alexa app, on a phone that is in the tailnet: More, Skills & Games, Your Skills, Dev\n  \
         Do    enable {skills}{bells}\n\n\
         If something does not work: cargo xtask doctor --stack {stack}"
    )
}
