//! What a program says about a skill, checked, and the same as Amazon's manifest says it.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};
use smapi::{Document, Listing, Manifest, SEND_EVENTS, VendorId};

use crate::hex::hex;
use crate::inputs::{MANIFEST_HASH, Reader, Wrong};
use crate::property::{Properties, Property};

pub(super) const VENDOR_ID: &str = "vendorId";
pub(super) const LOCALES: &str = "locales";
pub(super) const SUMMARY: &str = "summary";
pub(super) const EVENTS: &str = "events";

/// What every skill's page tells people to say.
const EXAMPLE_PHRASE: &str = "Alexa, discover devices";

/// The inputs of a skill. In a preview some may depend on what is not created yet: they are `None`.
#[derive(Debug)]
pub(super) struct Inputs {
    pub(super) vendor: Option<VendorId>,
    /// The skill's name in each locale.
    pub(super) locales: Option<BTreeMap<String, String>>,
    /// What it is for, in a sentence.
    pub(super) summary: Option<String>,
    /// Whether it sends events, like the press of a doorbell.
    pub(super) events: Option<bool>,
}

impl Inputs {
    pub(super) fn read(given: &Properties) -> Result<Self, Vec<Wrong>> {
        let mut reader = Reader::new(given, &[VENDOR_ID, LOCALES, SUMMARY, EVENTS]);
        let expected = "a vendor id, like M1ABCDEFGHIJKL, from the developer console (Settings, My ID)";
        let vendor =
            reader.required(VENDOR_ID, expected, |text, _| VendorId::parse(text).map_err(|_| String::new()));
        let locales = reader.map(LOCALES, "the skill's name", |_, text| Ok(text.to_owned()));
        let summary = reader.required(SUMMARY, "a sentence", |text, _| Ok(text.to_owned()));
        let events = reader.flag(EVENTS);
        reader.end()?;
        let inputs = Self { vendor, locales, summary, events };
        let wrong = inputs.manifest().map(|manifest| manifest.wrong()).unwrap_or_default();
        if wrong.is_empty() {
            return Ok(inputs);
        }
        let of_locales = |reason| Wrong { property: LOCALES.to_owned(), reason };
        Err(wrong.into_iter().map(of_locales).collect())
    }

    /// The manifest that says it; `None` as long as something is not known.
    pub(super) fn manifest(&self) -> Option<Manifest> {
        let (locales, summary) = (self.locales.as_ref()?, self.summary.as_ref()?);
        let listing = |name: &String| Listing {
            name: name.clone(),
            summary: summary.clone(),
            description: summary.clone(),
            example_phrases: vec![EXAMPLE_PHRASE.to_owned()],
            keywords: Vec::new(),
            privacy_policy_url: None,
        };
        let locales = locales.iter().map(|(locale, name)| (locale.clone(), listing(name))).collect();
        let permissions = self.events?.then(|| SEND_EVENTS.to_owned());
        Some(Manifest { locales, permissions: permissions.into_iter().collect() })
    }
}

/// The inputs that `found` would come from. If it says something that no inputs make it say, its hash is another one, so
/// that this shows as a difference.
pub(super) fn inputs_of(vendor: &VendorId, found: &Document) -> Properties {
    let Manifest { locales, permissions } = found.manifest();
    let inputs = Inputs {
        vendor: Some(vendor.clone()),
        summary: Some(locales.values().next().map(|listing| listing.summary.clone()).unwrap_or_default()),
        locales: Some(locales.into_iter().map(|(locale, listing)| (locale, listing.name)).collect()),
        events: Some(permissions == BTreeSet::from([SEND_EVENTS.to_owned()])),
    };
    let hash = match inputs.manifest() {
        Some(manifest) if found.has(&manifest) => manifest_hash(&manifest),
        _ => hash(found),
    };
    let names = inputs.locales.into_iter().flatten();
    let names = names.map(|(locale, name)| (locale, Property::Text(name))).collect();
    Properties::from([
        (VENDOR_ID.to_owned(), Property::Text(vendor.to_string())),
        (LOCALES.to_owned(), Property::Object(names)),
        (SUMMARY.to_owned(), Property::Text(inputs.summary.unwrap_or_default())),
        (EVENTS.to_owned(), Property::Bool(inputs.events.unwrap_or_default())),
        (MANIFEST_HASH.to_owned(), Property::Text(hash)),
    ])
}

/// Of all that porch has a manifest say.
pub(super) fn manifest_hash(manifest: &Manifest) -> String {
    hash(&Document::new(manifest))
}

fn hash(document: &Document) -> String {
    hex(&Sha256::digest(serde_json::to_vec(document).expect("it is JSON already")))
}
