//! Checks a Pulumi YAML program against package schemas, as the engine does before it makes anything, and
//! more strictly.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// Resource options that the program may use; the engine only warns of others.
const OPTIONS: [&str; 4] = ["dependsOn", "ignoreChanges", "protect", "version"];

/// The schemas of some packages.
pub(super) struct Checker {
    /// By type token, with the version of their package.
    resources: BTreeMap<String, (Value, Value)>,
    types: BTreeMap<String, Value>,
    /// What each package's plugin is configured with, by the plugin's type token.
    plugins: BTreeMap<String, Value>,
}

/// One program being checked.
struct Program<'a> {
    checker: &'a Checker,
    program: &'a Value,
    problems: Vec<String>,
}

/// A piece of a text.
enum Piece<'a> {
    Literal,
    Reference(&'a str),
}

impl Checker {
    pub(super) fn new(packages: impl IntoIterator<Item = Value>) -> Self {
        let (mut resources, mut types, mut plugins) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for package in packages {
            let version = &package["version"];
            resources.extend(
                entries(&package["resources"])
                    .map(|(token, it)| (token.clone(), (it.clone(), version.clone()))),
            );
            types.extend(entries(&package["types"]).map(|(token, it)| (token.clone(), it.clone())));
            let name = package["name"].as_str().unwrap_or_default();
            plugins.insert(
                format!("pulumi:providers:{name}"),
                json!({"properties": package["provider"]["inputProperties"]}),
            );
        }
        Self { resources, types, plugins }
    }

    /// Everything that is wrong with `program`, each with its path.
    pub(super) fn problems(&self, program: &Value) -> Vec<String> {
        let mut checked = Program { checker: self, program, problems: Vec::new() };
        for (name, resource) in entries(&program["resources"]) {
            checked.resource(name, resource);
        }
        for (name, value) in entries(&program["outputs"]) {
            checked.references(&format!("outputs.{name}"), value);
        }
        checked.problems
    }

    fn type_named<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str().and_then(|name| name.strip_prefix("#/types/")) {
            Some(name) => self.types.get(name).unwrap_or(&Value::Null),
            None => schema,
        }
    }
}

impl Program<'_> {
    fn problem(&mut self, path: &str, problem: impl std::fmt::Display) {
        self.problems.push(format!("{path}: {problem}"));
    }

    fn resource(&mut self, name: &str, resource: &Value) {
        let token = resource["type"].as_str().unwrap_or_default();
        if let Some(schema) = self.checker.plugins.get(token) {
            return self.object(name, &resource["properties"], schema);
        }
        let Some((schema, version)) = self.checker.resources.get(token) else {
            return self.problem(name, format!("no resource {token:?}"));
        };
        let object = json!({"properties": schema["inputProperties"], "required": schema["requiredInputs"]});
        self.object(name, &resource["properties"], &object);

        for (option, value) in entries(&resource["options"]) {
            if !OPTIONS.contains(&option.as_str()) {
                self.problem(name, format!("no option {option:?}"));
            }
            self.references(&format!("{name}.options.{option}"), value);
        }
        let pinned = &resource["options"]["version"];
        if !pinned.is_null() && pinned != version {
            self.problem(name, format!("is pinned to {pinned}, and the schema is of {version}"));
        }
    }

    fn object(&mut self, path: &str, value: &Value, schema: &Value) {
        let Some(fields) = value.as_object() else { return self.problem(path, "is no object") };
        for required in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !fields.contains_key(required) {
                self.problem(path, format!("lacks {required:?}"));
            }
        }
        for (field, value) in fields {
            let any = &schema["additionalProperties"];
            let schema = schema["properties"].get(field).unwrap_or(any);
            let path = format!("{path}.{field}");
            if schema.is_null() {
                self.problem(&path, "no such property");
            } else {
                self.value(&path, value, schema);
            }
        }
    }

    fn value(&mut self, path: &str, value: &Value, schema: &Value) {
        if let Some(alternatives) = schema["oneOf"].as_array() {
            return self.one_of(path, value, alternatives);
        }
        if schema["$ref"] == "pulumi.json#/Any" {
            return self.references(path, value);
        }
        let checker = self.checker;
        let schema = checker.type_named(schema);
        match (value, kind(schema)) {
            (Value::Object(call), "string") if call.contains_key("fn::toJSON") => {
                self.references(path, value);
            }
            (Value::Object(_), "object") => self.object(path, value, schema),
            (Value::Array(items), "array") => {
                for (index, item) in items.iter().enumerate() {
                    self.value(&format!("{path}[{index}]"), item, &schema["items"]);
                }
            }
            (Value::String(text), wanted) => self.text(path, text, wanted, schema),
            (Value::Bool(_), "boolean") | (Value::Number(_), "number") => {}
            (Value::Number(number), "integer") if number.is_i64() => {}
            (_, wanted) => self.problem(path, format!("{value} where {wanted:?} is wanted")),
        }
    }

    /// The value must fit the alternative it is nearest to.
    ///
    /// Stricter than the engine in two ways: a document written by `fn::toJSON` must fit the structure that
    /// stands beside plain text, and a text must be in the enum that stands beside it.
    fn one_of(&mut self, path: &str, value: &Value, alternatives: &[Value]) {
        let document = value.get("fn::toJSON");
        let of_kind = |kinds: &'static [&'static str]| {
            alternatives.iter().filter(|schema| kinds.contains(&kind(self.checker.type_named(schema))))
        };
        let structured = of_kind(&["object"]).next();
        if let (Some(document), Some(schema)) = (document, structured) {
            return self.value(path, document, schema);
        }
        let fitting = of_kind(match value {
            Value::String(_) => &["string"],
            Value::Array(_) => &["array"],
            Value::Object(_) => &["object"],
            Value::Bool(_) => &["boolean"],
            Value::Number(_) => &["integer", "number"],
            Value::Null => &[],
        });
        let is_enum = |schema: &&Value| self.checker.type_named(schema)["enum"].is_array();
        let enums: Vec<&Value> = fitting.clone().filter(is_enum).collect();
        let attempts = if enums.is_empty() { fitting.collect() } else { enums }.into_iter().map(|schema| {
            let mut attempt = Self { checker: self.checker, program: self.program, problems: Vec::new() };
            attempt.value(path, value, schema);
            attempt.problems
        });
        match attempts.min_by_key(Vec::len) {
            Some(problems) => self.problems.extend(problems),
            None => self.problem(path, format!("{value} is none of the alternatives")),
        }
    }

    fn text(&mut self, path: &str, text: &str, wanted: &str, schema: &Value) {
        let pieces = pieces(text);
        let found = match pieces.as_slice() {
            [Piece::Reference(reference)] => self.reference(path, reference),
            pieces => {
                for piece in pieces {
                    if let Piece::Reference(reference) = piece {
                        self.reference(path, reference);
                    }
                }
                "string".to_owned()
            }
        };
        // A number becomes text by itself, text never a number.
        let fits = found == wanted || (wanted == "string" && (found == "integer" || found == "number"));
        if !found.is_empty() && !fits {
            self.problem(path, format!("{text:?} is {found:?} where {wanted:?} is wanted"));
        }
        let values = schema["enum"].as_array();
        if let Some(values) = values
            && !values.iter().any(|value| value["value"] == text)
        {
            self.problem(path, format!("{text:?} is none of the values of the enum"));
        }
    }

    /// Checks all references in a value of any shape.
    fn references(&mut self, path: &str, value: &Value) {
        match value {
            Value::String(text) => {
                for piece in pieces(text) {
                    if let Piece::Reference(reference) = piece {
                        self.reference(path, reference);
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.references(path, item)),
            Value::Object(fields) => fields.values().for_each(|field| self.references(path, field)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// The kind of what `reference` refers to; empty when there is a problem with it, or it is a whole
    /// resource.
    fn reference(&mut self, path: &str, reference: &str) -> String {
        let (name, property) =
            reference.split_once('.').map_or((reference, None), |(name, rest)| (name, Some(rest)));
        if let (Some(config), None) = (self.program["config"].get(name), property) {
            return config["type"].as_str().unwrap_or_default().to_owned();
        }
        let token = self.program["resources"][name]["type"].as_str().unwrap_or_default();
        let Some((schema, _)) = self.checker.resources.get(token) else {
            self.problem(path, format!("refers to {reference:?}, and there is no {name:?}"));
            return String::new();
        };
        match property.map(|property| schema["properties"].get(property)) {
            None => String::new(),
            // Every resource has one, which no schema tells.
            Some(None) if property == Some("id") => "string".to_owned(),
            Some(Some(output)) => kind(self.checker.type_named(output)).to_owned(),
            Some(None) => {
                self.problem(path, format!("refers to {reference:?}, and {token} has no such output"));
                String::new()
            }
        }
    }
}

fn kind(schema: &Value) -> &str {
    schema["type"].as_str().unwrap_or_default()
}

fn entries(object: &Value) -> impl Iterator<Item = (&String, &Value)> {
    object.as_object().into_iter().flat_map(Map::iter)
}

/// A text as Pulumi's YAML host takes it apart.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let (mut pieces, mut rest, mut literal) = (Vec::new(), text, false);
    while let Some(next) = rest.chars().next() {
        if let Some((reference, after)) = rest.strip_prefix("${").and_then(|rest| rest.split_once('}')) {
            if std::mem::take(&mut literal) {
                pieces.push(Piece::Literal);
            }
            pieces.push(Piece::Reference(reference));
            rest = after;
        } else {
            literal = true;
            rest = rest.strip_prefix("$$").unwrap_or(&rest[next.len_utf8()..]);
        }
    }
    if literal {
        pieces.push(Piece::Literal);
    }
    pieces
}
