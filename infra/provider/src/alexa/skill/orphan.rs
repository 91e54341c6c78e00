//! A skill that was made and that no state knows: Pulumi, this plugin or the connection ended before it could be
//! written down. Amazon takes no token that would keep a second one from being made.

use smapi::{Client, Document, SkillId, VendorId};

use super::AlexaError;
use crate::alexa::manifest::settled;
use crate::task::Task;

/// What a skill's testing instructions say, which Amazon's reviewers alone would read: for which resource it was made.
pub(super) fn mark(urn: &str) -> String {
    format!("Made by porch for {urn}")
}

/// The skill that was made as `document` says, but for nobody. It is only taken for one if it has the same names in the
/// same locales, is for the same resource, and answers nobody yet: a skill at work may belong to a stack of the same name
/// in somebody else's state.
pub(super) async fn find(
    client: &Client,
    vendor: &VendorId,
    document: &Document,
    task: &Task,
) -> Result<Option<SkillId>, AlexaError> {
    let wanted = document.manifest();
    let Some(name) = wanted.locales.values().next().map(|listing| listing.name.as_str()) else {
        return Ok(None);
    };
    for listed in client.skills_named(vendor, name).await? {
        let has_all_names = listed.name_by_locale.len() == wanted.locales.len()
            && wanted
                .locales
                .iter()
                .all(|(locale, listing)| listed.name_by_locale.get(locale) == Some(&listing.name));
        if !has_all_names {
            continue;
        }
        // Until its first manifest is built, a skill has none.
        settled(client, &listed.skill_id, task).await?;
        let Some((found, _)) = client.manifest(&listed.skill_id).await? else { continue };
        let is_for_the_same = found.testing_instructions() == document.testing_instructions();
        if is_for_the_same && found.endpoints().is_none() {
            return Ok(Some(listed.skill_id));
        }
    }
    Ok(None)
}
