//! What the person is told, and asked: the three steps by hand, each with its page and what to copy.

use infra::skills::{VendorId, return_urls};
use url::Url;

use super::check::Vendor;
use super::door::{has_bells, has_package};
use super::known::Known;
use super::question::{Question, regions};
use super::trial::list;

/// Where a browser brings Amazon's answer, at 127.0.0.1.
pub(super) const CALLBACK_PORT: u16 = 9090;

/// Amazon's "Register for Login with Amazon" begins there: developer.amazon.com/docs/login-with-amazon/register-web.html.
const PROFILES: &str = "https://developer.amazon.com/loginwithamazon/console/site/lwa/overview.html";
/// Where a developer's vendors are listed, by "Get an access token for SMAPI":
/// developer.amazon.com/docs/alexa/smapi/get-access-token-smapi.html.
const VENDORS: &str = "https://developer.amazon.com/settings/console/mycid";
/// Tailscale's "OAuth clients" begins there: tailscale.com/docs/features/oauth-clients.
const TRUST_CREDENTIALS: &str = "https://login.tailscale.com/admin/settings/trust-credentials";
/// Tailscale's "Auth keys" begins there: tailscale.com/docs/features/access-control/auth-keys.
const KEYS: &str = "https://login.tailscale.com/admin/settings/keys";
/// The tailnet's policy, with its tags.
const POLICY: &str = "https://login.tailscale.com/admin/acls";

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
             Do    Create a New Security Profile. Name and description are up to you, and the privacy notice may be\n        \
             any address, like https://example.com: nobody but your household sees it.\n        \
             Then the gear beside the profile, Web Settings, Edit: add to Allowed Return URLs\n          \
             http://127.0.0.1:{CALLBACK_PORT}/cb\n  \
             Copy  Client ID and Client Secret, from the same page"
        ),
        Question::TailscaleAuth => "\nBy hand, 2 of 3: what lets the function into your tailnet.\n  \
             1  an OAuth client of Tailscale: porch makes keys with it, for ever (recommended)\n  \
             2  an auth key: quick to make, but Tailscale ends it after 90 days. With headscale it is the only way"
            .into(),
        Question::OauthClientId => format!(
            "  Open  {TRUST_CREDENTIALS}\n  \
             Do    Credential, OAuth. Of the scopes choose Keys, Auth Keys, Write, and for it a tag, like tag:porch;\n        \
             then Generate credential. Your tailnet's policy has to have the tag among its tagOwners, and to let\n        \
             it reach Home Assistant: {POLICY}\n  \
             Copy  the client's id and its secret, which is not shown again"
        ),
        Question::AuthKey => format!(
            "  Open  {KEYS}\n  \
             Do    Generate auth key: reusable, ephemeral, with a tag that may reach Home Assistant\n  \
             Copy  the key, which is not shown again\n  \
             (headscale: `headscale preauthkeys create --reusable --ephemeral`, and its address is a setting,\n  \
             `pulumi config set --path porch:bridge.controlUrl https://...`)"
        ),
        Question::HomeAssistant => {
            "\nHome Assistant, by the address that a machine of your tailnet has for it.".into()
        }
        Question::Bells => {
            "\nBells that you build at the door, if any: what you call each, with commas between.".into()
        }
        Question::Device => "\nThe machine at the door can take its program from the stack: built by `pulumi up`, which says what it \
             needs for\nthat, signed, and kept in a bucket of yours. `dpkg --print-architecture` says on that machine which \
             one it is; a\nRaspberry Pi with a 64-bit system is arm64."
            .into(),
        Question::Vendor => {
            format!("\nThe developer makes skills for several: {}\n({VENDORS} has them, too.)", list(vendors))
        }
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
        Question::OauthSecret => "Secret of the OAuth client:",
        Question::Tag => "Tag of the OAuth client, like tag:porch:",
        Question::AuthKey => "Auth key:",
        Question::HomeAssistant => "Address, like http://homeassistant:8123:",
        Question::Bells => "Bells, like Front door, Garden; or nothing for none:",
        Question::Device => "arm64, armhf or amd64; or no, to install it by yourself [arm64]:",
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
        "For a doorbell, while the security profile's page is open: add these three to its Allowed Return URLs, too, since \
         the\nAlexa app links the doorbell's skill there. (`pulumi stack output alexaReturnUrls` tells them again.){lines}"
    )
}

/// What is left to do, once everything is known.
pub(super) fn after(stack: &str, known: &Known) -> String {
    let has_bells = has_bells(known);
    let skills = if has_bells { "\"Home Assistant\" and \"Doorbell\"" } else { "\"Home Assistant\"" };
    let bells = match has_bells {
        true => ",\n        then discover devices, and switch on Doorbell Press Announcements for each bell",
        false => "",
    };
    let device = match has_package(known) {
        true => format!("\n\nThe machine at the door, afterwards: cargo xtask pi --stack {stack}"),
        false => String::new(),
    };
    format!(
        "\nThe stack {stack} is set up and selected. Next:\n\n  pulumi up\n\n\
         By hand, 3 of 3, once it is up: link the skills.\n  \
         Open  the Alexa app, on a phone that is in the tailnet: More, Skills & Games, Your Skills, Dev\n  \
         Do    enable {skills}{bells}{device}\n\n\
         If something does not work: cargo xtask doctor --stack {stack}"
    )
}
