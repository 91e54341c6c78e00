//! A whole manifest, with all that others have put there.

use std::collections::BTreeMap;

use alexa::Region;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{Endpoints, Listing, Manifest};
use crate::arn::FunctionArn;

/// A manifest as Amazon has it. What porch says about a skill is laid over it; whatever else is in it stays.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
#[serde(transparent)]
pub struct Document(Map<String, Value>);

impl Document {
    /// The manifest of a new skill.
    #[must_use]
    pub fn new(manifest: &Manifest) -> Self {
        Self(Map::new()).with(manifest)
    }

    /// The same, saying what `manifest` says. Locales and permissions that it does not have are taken away; endpoints stay.
    #[must_use]
    pub fn with(&self, manifest: &Manifest) -> Self {
        let mut document = self.0.clone();
        document.insert("manifestVersion".into(), json!("1.0"));
        let publishing = object(&mut document, "publishingInformation");
        publishing.insert("category".into(), json!("SMART_HOME"));
        publishing.insert("distributionMode".into(), json!("PUBLIC"));
        publishing.insert("isAvailableWorldwide".into(), json!(true));
        let listings = named(publishing, "locales", manifest.locales.keys().cloned());
        for (locale, listing) in &manifest.locales {
            listing.write(object(listings, locale));
        }
        let privacy = object(&mut document, "privacyAndCompliance");
        for (flag, value) in [
            ("allowsPurchases", false),
            ("containsAds", false),
            ("isChildDirected", false),
            ("isExportCompliant", true),
            ("usesPersonalInfo", false),
        ] {
            privacy.insert(flag.into(), json!(value));
        }
        let policies = manifest.locales.iter().filter_map(|(locale, listing)| {
            listing.privacy_policy_url.as_ref().map(|url| (locale.clone(), url))
        });
        let policies: BTreeMap<_, _> = policies.collect();
        let locales = named(privacy, "locales", policies.keys().cloned());
        for (locale, url) in policies {
            object(locales, &locale).insert("privacyPolicyUrl".into(), json!(url.as_str()));
        }
        remove_if_empty(privacy, "locales");
        permissions(&mut document, manifest);
        smart_home(&mut document).insert("protocolVersion".into(), json!("3"));
        Self(document)
    }

    /// The same with these endpoints, or with none.
    #[must_use]
    pub fn with_endpoints(&self, endpoints: Option<&Endpoints>) -> Self {
        let mut document = self.0.clone();
        let smart_home = smart_home(&mut document);
        let Some(endpoints) = endpoints else {
            smart_home.remove("endpoint");
            smart_home.remove("regions");
            return Self(document);
        };
        object(smart_home, "endpoint").insert("uri".into(), json!(endpoints.default));
        let regions =
            named(smart_home, "regions", endpoints.regions.keys().map(|region| region.code().into()));
        for (region, function) in &endpoints.regions {
            object(object(regions, region.code()), "endpoint").insert("uri".into(), json!(function));
        }
        remove_if_empty(smart_home, "regions");
        Self(document)
    }

    /// Whether it says what `manifest` says.
    #[must_use]
    pub fn has(&self, manifest: &Manifest) -> bool {
        self.with(manifest) == *self
    }

    /// Whether it has these endpoints, or none.
    #[must_use]
    pub fn has_endpoints(&self, endpoints: Option<&Endpoints>) -> bool {
        self.with_endpoints(endpoints) == *self
    }

    /// What of it porch says; what is not there is empty.
    #[must_use]
    pub fn manifest(&self) -> Manifest {
        let listings = self.at("/publishingInformation/locales").and_then(Value::as_object);
        let policy = |locale: &str| {
            let policies = self.at("/privacyAndCompliance/locales")?;
            policies.get(locale)?.get("privacyPolicyUrl")?.as_str()?.parse().ok()
        };
        let locales = listings.into_iter().flatten().map(|(locale, listing)| {
            (locale.clone(), Listing { privacy_policy_url: policy(locale), ..Listing::read(listing) })
        });
        let permissions = self.at("/permissions").and_then(Value::as_array).into_iter().flatten();
        Manifest {
            locales: locales.collect(),
            permissions: permissions.map(|permission| text(permission, "name")).collect(),
        }
    }

    /// The endpoints, if there are any that are functions.
    #[must_use]
    pub fn endpoints(&self) -> Option<Endpoints> {
        let function = |value: &Value| FunctionArn::parse(value.pointer("/endpoint/uri")?.as_str()?).ok();
        let smart_home = self.at("/apis/smartHome")?;
        let regions = smart_home.get("regions").and_then(Value::as_object).into_iter().flatten();
        let regions = regions.filter_map(|(code, region)| Some((Region::of_code(code)?, function(region)?)));
        Some(Endpoints { default: function(smart_home)?, regions: regions.collect() })
    }

    /// The same with these instructions for Amazon's reviewers. Nobody else reads them, so that they can also be a mark of
    /// what a skill was made for.
    #[must_use]
    pub fn with_testing_instructions(&self, text: &str) -> Self {
        let mut document = self.0.clone();
        object(&mut document, "publishingInformation").insert("testingInstructions".into(), json!(text));
        Self(document)
    }

    /// The instructions for Amazon's reviewers, if there are any.
    #[must_use]
    pub fn testing_instructions(&self) -> Option<&str> {
        self.at("/publishingInformation/testingInstructions").and_then(Value::as_str)
    }

    fn at(&self, path: &str) -> Option<&Value> {
        let (first, rest) = path.trim_start_matches('/').split_once('/').unwrap_or((&path[1..], ""));
        let value = self.0.get(first)?;
        if rest.is_empty() { Some(value) } else { value.pointer(&format!("/{rest}")) }
    }
}

impl Listing {
    fn write(&self, listing: &mut Map<String, Value>) {
        for (member, text) in
            [("name", &self.name), ("summary", &self.summary), ("description", &self.description)]
        {
            listing.insert(member.into(), json!(text));
        }
        for (member, texts) in [("examplePhrases", &self.example_phrases), ("keywords", &self.keywords)] {
            listing.insert(member.into(), json!(texts));
        }
    }

    fn read(listing: &Value) -> Self {
        let texts = |member: &str| {
            let texts = listing.get(member).and_then(Value::as_array).into_iter().flatten();
            texts.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        Self {
            name: text(listing, "name"),
            summary: text(listing, "summary"),
            description: text(listing, "description"),
            example_phrases: texts("examplePhrases"),
            keywords: texts("keywords"),
            privacy_policy_url: None,
        }
    }
}

/// The permissions, each with whatever else stands with it.
fn permissions(document: &mut Map<String, Value>, manifest: &Manifest) {
    let found = document.remove("permissions");
    let found = found.as_ref().and_then(Value::as_array);
    let wanted = manifest.permissions.iter().map(|name| {
        let own = found.into_iter().flatten().find(|permission| text(permission, "name") == *name);
        own.cloned().unwrap_or_else(|| json!({ "name": name }))
    });
    let wanted: Vec<Value> = wanted.collect();
    if !wanted.is_empty() {
        document.insert("permissions".into(), wanted.into());
    }
}

fn smart_home(document: &mut Map<String, Value>) -> &mut Map<String, Value> {
    object(object(document, "apis"), "smartHome")
}

/// The object called `member`, which is made if there is none.
fn object<'a>(parent: &'a mut Map<String, Value>, member: &str) -> &'a mut Map<String, Value> {
    let value = parent.entry(member).or_insert_with(|| json!({}));
    if !value.is_object() {
        *value = json!({});
    }
    value.as_object_mut().expect("it was just made one")
}

/// The object called `member`, whose own members are those of `names` and no others.
fn named<'a>(
    parent: &'a mut Map<String, Value>,
    member: &str,
    names: impl Iterator<Item = String>,
) -> &'a mut Map<String, Value> {
    let names: Vec<String> = names.collect();
    let object = object(parent, member);
    object.retain(|name, _| names.contains(name));
    object
}

fn remove_if_empty(parent: &mut Map<String, Value>, member: &str) {
    if parent.get(member).and_then(Value::as_object).is_some_and(Map::is_empty) {
        parent.remove(member);
    }
}

fn text(value: &Value, member: &str) -> String {
    value.get(member).and_then(Value::as_str).unwrap_or_default().to_owned()
}
