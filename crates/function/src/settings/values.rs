//! One value of a setting: text in, the checked thing out, or nothing.

use http::Uri;
use url::Url;

/// The address of a service.
#[must_use]
pub fn endpoint(text: &str) -> Option<Uri> {
    plain_url(text)?.as_str().parse().ok()
}

/// An http(s) URL with a host and nothing that a base has no use for.
#[must_use]
pub fn plain_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    plain.then_some(url)
}

/// A boolean, in the words that people use for one.
#[must_use]
pub fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "1" | "yes" => Some(true),
        "false" | "0" | "no" => Some(false),
        _ => None,
    }
}

/// The characters that SSM allows in a name (AWS Systems Manager, PutParameter), and its longest.
#[must_use]
pub fn parameter_name(text: &str) -> Option<String> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-/".contains(&byte);
    ((1..=1011).contains(&text.len()) && text.bytes().all(allowed)).then(|| text.into())
}

/// Printable ASCII without blanks, as all secrets are.
#[must_use]
pub fn word(text: &str) -> Option<String> {
    let good = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    good.then(|| text.into())
}
