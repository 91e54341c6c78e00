//! One value of a setting: text in, the checked thing out, or nothing.

use std::path::PathBuf;

use alexa::BearerToken;
use function::settings::values::{plain_url, word};
use tailnet::AuthKey;

use super::{BaseUrl, Serve};

/// Path of Home Assistant's Alexa endpoint (homeassistant/components/alexa/smart_home.py).
pub(super) const SMART_HOME: &str = "/api/alexa/smart_home";

/// Paths of Home Assistant's page for linking, and of its token endpoint (homeassistant/components/auth).
const AUTHORIZE: &str = "/auth/authorize";
const TOKEN: &str = "/auth/token";

/// Paths of what Home Assistant tells about itself (homeassistant/components/frontend and api).
const MANIFEST: &str = "/manifest.json";
const CONFIG: &str = "/api/config";

pub(super) fn base_url(text: &str) -> Option<BaseUrl> {
    let url = plain_url(text)?;
    let below = |path| format!("{}{path}", url.as_str().trim_end_matches('/')).parse().ok();
    Some(BaseUrl {
        smart_home: below(SMART_HOME)?,
        authorize: below(AUTHORIZE)?,
        token: below(TOKEN)?,
        manifest: below(MANIFEST)?,
        config: below(CONFIG)?,
    })
}

pub(super) fn serve(text: &str) -> Option<Serve> {
    match text {
        "directives" => Some(Serve::Directives),
        "linking" => Some(Serve::Linking),
        _ => None,
    }
}

pub(super) fn dns_label(text: &str) -> Option<String> {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let good = (1..=63).contains(&text.len())
        && text.bytes().all(inner)
        && !text.starts_with('-')
        && !text.ends_with('-');
    good.then(|| text.into())
}

/// An id as Tailscale gives them to clients, like `kABC123CNTRL` or `TABC123CNTRL-kDEF456CNTRL`.
pub(super) fn client_id(text: &str) -> Option<String> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_/".contains(&byte);
    let good = (1..=200).contains(&text.len()) && text.bytes().all(allowed) && !text.starts_with("tskey-");
    good.then(|| text.into())
}

/// Tags of a tailnet, at least one: `tag:` and a letter, then letters, digits and hyphens.
pub(super) fn tags(text: &str) -> Option<Vec<String>> {
    let good = |tag: &str| {
        let name = tag.strip_prefix("tag:").unwrap_or_default();
        name.starts_with(|first: char| first.is_ascii_alphabetic())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    text.split(',').map(|tag| good(tag).then(|| tag.to_owned())).collect()
}

pub(super) fn auth_key(text: &str) -> Option<AuthKey> {
    // tailscaled takes no other kind of key, and would say so only after a round trip to the control server.
    let other_kind = ["tskey-api-", "tskey-client-", "tskey-scim-", "tskey-webhook-"];
    let key = word(text).filter(|key| !other_kind.iter().any(|kind| key.starts_with(kind)))?;
    Some(AuthKey::new(key))
}

pub(super) fn token(text: &str) -> Option<BearerToken> {
    word(text).map(BearerToken::new)
}

pub(super) fn path(text: &str) -> Option<PathBuf> {
    (!text.is_empty()).then(|| text.into())
}
