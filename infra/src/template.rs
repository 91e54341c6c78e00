//! The program model: resources, references, secrets and outputs, written as Pulumi YAML.
//!
//! Pulumi's YAML host reads JSON too, so the text comes from serde and nowhere else. In that language
//! `${name.property}` is a reference and `$$` a dollar sign; [`Text`] is the one place that knows it.

use std::collections::{BTreeMap, BTreeSet};
use std::marker::PhantomData;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

/// A resource type of a Pulumi package: a struct whose fields are the input properties that porch uses.
pub trait Resource: Serialize {
    /// Pulumi's type token, like `aws:iam/role:Role`.
    const TYPE: &'static str;
    /// Version of the plugin that this struct was written against, without `v`; none for the plugin in this
    /// tree.
    const PLUGIN_VERSION: Option<&'static str>;
}

/// Everything that one stack declares, in the order of declaration.
#[derive(Debug, Default, Serialize)]
pub struct Program {
    #[serde(rename = "config", serialize_with = "as_config", skip_serializing_if = "BTreeSet::is_empty")]
    secrets: BTreeSet<&'static str>,
    #[serde(serialize_with = "as_map")]
    resources: Vec<(String, Declared)>,
    #[serde(serialize_with = "as_map", skip_serializing_if = "Vec::is_empty")]
    outputs: Vec<(String, Text)>,
}

/// A declared resource of type `R`: what other resources refer to it by.
#[derive(Debug)]
pub struct Handle<R> {
    name: String,
    resource: PhantomData<R>,
}

/// A value that Pulumi fills in: an output of a resource, or a secret of the stack.
#[derive(Clone, Debug)]
pub struct Reference(String);

/// A string property: literal text and references in any order.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct Text(String);

/// A string property that holds `T` as a JSON document, with the references in it filled in.
#[derive(Debug)]
pub struct Json<T>(pub T);

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Declared {
    #[serde(rename = "type")]
    token: String,
    /// What Pulumi calls it, if that is not its name in the program.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    properties: Value,
    /// For a plugin: that the resources of its package use it without naming it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    default_provider: bool,
    options: Options,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Options {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    depends_on: Vec<Reference>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    ignore_changes: &'static [&'static str],
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    protect: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'static str>,
}

impl Program {
    /// Declares `resource` under a logical `name`, which must be new; Pulumi makes it after what its
    /// properties refer to.
    pub fn declare<R: Resource>(&mut self, name: impl Into<String>, resource: &R) -> Handle<R> {
        self.declare_after(name, resource, [])
    }

    /// Like [`Program::declare`], and also after `others`, which the properties do not refer to.
    pub fn declare_after<R: Resource>(
        &mut self,
        name: impl Into<String>,
        resource: &R,
        others: impl IntoIterator<Item = Reference>,
    ) -> Handle<R> {
        let options = Options { depends_on: others.into_iter().collect(), ..Options::default() };
        self.add(name.into(), None, resource, options)
    }

    /// Like [`Program::declare`], and Pulumi calls it `called`: with that begins the name in AWS of what must have one
    /// that nobody else in the world has, and so gets it made.
    pub fn declare_called<R: Resource>(
        &mut self,
        name: impl Into<String>,
        called: String,
        resource: &R,
    ) -> Handle<R> {
        self.add(name.into(), Some(called), resource, Options::default())
    }

    /// Like [`Program::declare`], but only makes the resource with these `properties`: what becomes of them later
    /// is somebody else's to decide, and Pulumi leaves it as it is.
    pub fn declare_leaving<R: Resource>(
        &mut self,
        name: impl Into<String>,
        resource: &R,
        properties: &'static [&'static str],
    ) -> Handle<R> {
        self.add(name.into(), None, resource, Options { ignore_changes: properties, ..Options::default() })
    }

    /// Like [`Program::declare`], and Pulumi never deletes it before it is told that this one is no longer protected.
    pub fn declare_protected<R: Resource>(&mut self, name: impl Into<String>, resource: &R) -> Handle<R> {
        self.add(name.into(), None, resource, Options { protect: true, ..Options::default() })
    }

    /// Gives `property` the value `value` in every `R` that is declared by now.
    pub fn set_in_every<R: Resource>(&mut self, property: &'static str, value: impl Into<Text>) {
        let value = json!(value.into());
        for (_, declared) in self.resources.iter_mut().filter(|(_, declared)| declared.token == R::TYPE) {
            declared.properties[property] = value.clone();
        }
    }

    fn add<R: Resource>(
        &mut self,
        name: String,
        called: Option<String>,
        resource: &R,
        options: Options,
    ) -> Handle<R> {
        let properties =
            serde_json::to_value(resource).expect("properties are text, numbers and maps by text");
        let options = Options { version: R::PLUGIN_VERSION, ..options };
        let token = R::TYPE.to_owned();
        let declared = Declared { token, name: called, properties, default_provider: false, options };
        self.resources.push((name.clone(), declared));
        Handle { name, resource: PhantomData }
    }

    /// Declares the plugin that makes all resources of `package`, with this config alone. To a plugin that is not
    /// declared, Pulumi hands what the stack's config has under the package's name.
    pub fn declare_plugin(&mut self, package: &str, config: &BTreeMap<&'static str, Text>) {
        self.resources.push((
            format!("{package}Plugin"),
            Declared {
                token: format!("pulumi:providers:{package}"),
                name: None,
                properties: json!(config),
                default_provider: true,
                options: Options::default(),
            },
        ));
    }

    /// A secret of the stack's config, by its key without `porch:`. Its value never passes through this
    /// program: Pulumi fills it in, and keeps it encrypted in the state of every resource that takes it.
    pub fn secret(&mut self, key: &'static str) -> Reference {
        self.secrets.insert(key);
        Reference(key.to_owned())
    }

    /// Makes `value` an output of the stack, under a `name` for people and scripts.
    pub fn output(&mut self, name: impl Into<String>, value: impl Into<Text>) {
        self.outputs.push((name.into(), value.into()));
    }

    /// Name and type token of every resource, in the order of declaration.
    pub fn resources(&self) -> impl Iterator<Item = (&str, &str)> {
        self.resources.iter().map(|(name, declared)| (name.as_str(), declared.token.as_str()))
    }

    /// Names of the stack's outputs, in the order of declaration.
    pub fn outputs(&self) -> impl Iterator<Item = &str> {
        self.outputs.iter().map(|(name, _)| name.as_str())
    }

    /// The program as Pulumi reads it: equal programs give equal text.
    pub fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).expect("maps are by text, and writing to memory does not fail")
            + "\n"
    }
}

impl<R: Resource> Handle<R> {
    /// The resource itself, for [`Program::declare_after`].
    pub fn itself(&self) -> Reference {
        Reference(self.name.clone())
    }

    /// One of the resource's output properties, by its name in the package schema.
    pub(crate) fn property(&self, property: &str) -> Reference {
        Reference(format!("{}.{property}", self.name))
    }
}

impl Text {
    /// This text followed by `more`.
    pub fn then(mut self, more: impl Into<Text>) -> Self {
        self.0.push_str(&more.into().0);
        self
    }
}

impl From<&str> for Text {
    fn from(literal: &str) -> Self {
        Self(literal.replace('$', "$$"))
    }
}

impl From<String> for Text {
    fn from(literal: String) -> Self {
        literal.as_str().into()
    }
}

impl From<Reference> for Text {
    fn from(reference: Reference) -> Self {
        Self(format!("${{{}}}", reference.0))
    }
}

impl Serialize for Reference {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Text::from(self.clone()).serialize(serializer)
    }
}

impl<T: Serialize> Serialize for Json<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut call = serializer.serialize_map(Some(1))?;
        call.serialize_entry("fn::toJSON", &self.0)?;
        call.end()
    }
}

/// `secret: true` keeps the value secret even for a person who forgot `--secret`.
fn as_config<S: Serializer>(secrets: &BTreeSet<&'static str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(secrets.iter().map(|key| (key, json!({"type": "string", "secret": true}))))
}

fn as_map<T: Serialize, S: Serializer>(entries: &[(String, T)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(entries.iter().map(|(name, value)| (name, value)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Serialize)]
    struct Note {
        text: Text,
    }

    impl Resource for Note {
        const TYPE: &'static str = "test:index:Note";
        const PLUGIN_VERSION: Option<&'static str> = None;
    }

    /// What Pulumi's YAML host makes of a string without references (its `parseInterpolate`); `None` for a
    /// reference.
    fn host_reads(written: &str) -> Option<String> {
        let (mut read, mut rest) = (String::new(), written);
        while let Some(next) = rest.chars().next() {
            if rest.starts_with("${") {
                return None;
            }
            read.push(next);
            rest = rest.strip_prefix("$$").unwrap_or(&rest[next.len_utf8()..]);
        }
        Some(read)
    }

    proptest! {
        #[test]
        fn any_literal_arrives_as_it_was(literal in any::<String>(), dollars in r"[$\{\}a.]{0,12}") {
            for literal in [literal, dollars] {
                let mut program = Program::default();
                program.declare("note", &Note { text: literal.as_str().into() });
                let read: Value = serde_json::from_str(&program.to_text()).unwrap();
                let written = read["resources"]["note"]["properties"]["text"].as_str().unwrap();
                prop_assert_eq!(host_reads(written), Some(literal));
            }
        }
    }

    #[test]
    fn text_joins_literals_and_references() {
        let mut program = Program::default();
        let note = program.declare("note", &Note { text: "5 $".into() });
        let text = Text::from("a ${b} ").then(note.property("text")).then("/*");
        assert_eq!(text.0, "a $${b} ${note.text}/*");
    }

    #[test]
    fn what_is_left_to_others_is_an_option() {
        let mut program = Program::default();
        program.declare_leaving("note", &Note { text: "first".into() }, &["text"]);
        let read: Value = serde_json::from_str(&program.to_text()).unwrap();
        assert_eq!(read["resources"]["note"]["options"], json!({"ignoreChanges": ["text"]}));
    }

    #[test]
    fn a_secret_is_only_named() {
        let mut program = Program::default();
        let token = program.secret("token");
        program.declare("note", &Note { text: token.into() });
        insta::assert_snapshot!(program.to_text(), @r#"
        {
          "config": {
            "token": {
              "secret": true,
              "type": "string"
            }
          },
          "resources": {
            "note": {
              "type": "test:index:Note",
              "properties": {
                "text": "${token}"
              },
              "options": {}
            }
          }
        }
        "#);
    }
}
