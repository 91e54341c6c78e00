//! `[[webhook]]`.

use super::Bells;
use crate::integration::webhook::WebhookSettings;
use crate::integration::{IntegrationKind, Template};
use crate::settings::secrets::SecretsOf;
use crate::settings::section::Section;
use crate::settings::values;
use crate::settings::wrong::Found;

const EXPECTED: &str = "a table whose texts have in braces only {bell}, {bell_name}, {time} and {trial}";

pub(super) fn read(
    section: &mut Section<'_>,
    secrets: &mut SecretsOf<'_>,
    _: &Bells,
) -> Option<IntegrationKind> {
    let url = section.required("url", &values::HOOK_URL);
    let json = match section.value("json") {
        None => Some(Template::everything()),
        Some(value) => {
            let json = value.as_table().and_then(|table| serde_json::to_value(table).ok());
            let template = json.map(Template::parse);
            match &template {
                None => section.report("json", Found::value(value), EXPECTED),
                Some(Err(text)) => {
                    section.report("json", Found::value(&text.clone().into()), EXPECTED);
                }
                Some(Ok(_)) => {}
            }
            template.and_then(Result::ok)
        }
    };
    let key = secrets.take("key");
    Some(IntegrationKind::Webhook(WebhookSettings { url: url?, json: json?, key }))
}
