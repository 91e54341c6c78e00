//! What a program says about a resource, read strictly: every wrong property is reported with what was found.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use crate::property::{Properties, Property};

/// The input that `check` adds by itself: the hash of everything that the resource is made of.
pub(crate) const SOURCE_HASH: &str = "sourceHash";
/// The same of a skill: the hash of all that its manifest is to say.
pub(crate) const MANIFEST_HASH: &str = "manifestHash";

/// A property that cannot be used, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    pub(crate) property: String,
    pub(crate) reason: String,
}

/// Everything that is wrong, in one line.
pub(crate) fn list(wrong: &[Wrong]) -> String {
    let lines: Vec<String> =
        wrong.iter().map(|wrong| format!("{}: {}", wrong.property, wrong.reason)).collect();
    lines.join("; ")
}

/// A folder of the project: the path as given, and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Folder {
    pub(crate) given: String,
    pub(crate) path: PathBuf,
}

/// Reads the inputs of one resource and keeps what is wrong with them.
pub(crate) struct Reader<'a> {
    given: &'a Properties,
    wrong: Vec<Wrong>,
}

impl<'a> Reader<'a> {
    /// A reader of the inputs that a program may have; any other one is wrong.
    pub(crate) fn new(given: &'a Properties, known: &[&str]) -> Self {
        let is_known = |name: &str| known.contains(&name) || [SOURCE_HASH, MANIFEST_HASH].contains(&name);
        let strangers = given.keys().filter(|name| !is_known(name));
        let there_are = match known {
            [] => String::from("there are none"),
            known => format!("there are {}", known.join(", ")),
        };
        let wrong = strangers.map(|name| Wrong {
            property: name.clone(),
            reason: format!("there is no such property; {there_are}"),
        });
        Self { given, wrong: wrong.collect() }
    }

    /// Everything that was wrong.
    pub(crate) fn end(self) -> Result<(), Vec<Wrong>> {
        if self.wrong.is_empty() { Ok(()) } else { Err(self.wrong) }
    }

    /// A text property that is a secret, whether it is marked as one or not.
    pub(crate) fn secret<T>(
        &mut self,
        property: &str,
        expected: &str,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let hidden = self.given.get(property).map(|value| value.revealed().0.clone().hidden_if(true));
        self.read(property, expected, hidden.as_ref(), |text, _| read(text))
    }

    /// A text property, read by `read`, which is also told whether it is a secret. What `read` has to say about a
    /// wrong value is added to the report, except about a secret.
    pub(crate) fn required<T>(
        &mut self,
        property: &str,
        expected: &str,
        read: impl FnOnce(&str, bool) -> Result<T, String>,
    ) -> Option<T> {
        self.read(property, expected, self.given.get(property), read)
    }

    /// Whether the program says anything about a property.
    pub(crate) fn has(&self, property: &str) -> bool {
        self.given.get(property).is_some_and(|value| value.revealed().0 != &Property::Null)
    }

    /// A yes or no, `false` if it is left out.
    pub(crate) fn flag(&mut self, property: &str) -> Option<bool> {
        match self.given.get(property).map(Property::revealed) {
            None | Some((Property::Null, _)) => Some(false),
            Some((Property::Bool(value), _)) => Some(*value),
            Some((Property::Unknown, _)) => None,
            Some(_) => self.wrong_type(property, "true or false"),
        }
    }

    /// A list of texts; `expected` is about each.
    pub(crate) fn texts(&mut self, property: &str, expected: &str) -> Option<Vec<String>> {
        match self.given.get(property).map(Property::revealed) {
            Some((Property::List(list), _)) => {
                let texts = list.iter().enumerate().map(|(at, value)| {
                    self.read(&format!("{property}[{at}]"), expected, Some(value), |text, _| {
                        Ok(text.to_owned())
                    })
                });
                texts.collect::<Vec<_>>().into_iter().collect()
            }
            Some((Property::Unknown, _)) => None,
            _ => self.wrong_type(property, "a list of texts"),
        }
    }

    /// A text for each of some names, each pair read by `read`; none at all if it is left out.
    pub(crate) fn map<T>(
        &mut self,
        property: &str,
        expected: &str,
        read: impl Fn(&str, &str) -> Result<T, String>,
    ) -> Option<BTreeMap<String, T>> {
        match self.given.get(property).map(Property::revealed) {
            None | Some((Property::Null, _)) => Some(BTreeMap::new()),
            Some((Property::Object(members), _)) => {
                let members = members.iter().map(|(name, value)| {
                    let path = format!("{property}.{name}");
                    let value = self.read(&path, expected, Some(value), |text, _| read(name, text))?;
                    Some((name.clone(), value))
                });
                members.collect::<Vec<_>>().into_iter().collect()
            }
            Some((Property::Unknown, _)) => None,
            Some(_) => self.wrong_type(property, "texts by name"),
        }
    }

    /// An object with members of its own.
    pub(crate) fn object<T>(
        &mut self,
        property: &str,
        known: &[&str],
        read: impl FnOnce(&mut Reader<'_>) -> Option<T>,
    ) -> Option<T> {
        let members = match self.given.get(property).map(Property::revealed) {
            Some((Property::Object(members), _)) => members,
            Some((Property::Unknown, _)) => return None,
            _ => return self.wrong_type(property, "an object"),
        };
        let mut reader = Reader::new(members, known);
        let value = read(&mut reader);
        for Wrong { property: member, reason } in reader.wrong {
            self.wrong.push(Wrong { property: format!("{property}.{member}"), reason });
        }
        value
    }

    fn wrong_type<T>(&mut self, property: &str, expected: &str) -> Option<T> {
        let reason = format!("found a value of another type, expected {expected}");
        self.wrong.push(Wrong { property: property.to_owned(), reason });
        None
    }

    fn read<T>(
        &mut self,
        property: &str,
        expected: &str,
        given: Option<&Property>,
        read: impl FnOnce(&str, bool) -> Result<T, String>,
    ) -> Option<T> {
        let (found, why) = match given.map(Property::revealed) {
            Some((Property::Unknown, _)) => return None,
            Some((Property::Text(text), secret)) => match read(text, secret) {
                Ok(value) => return Some(value),
                Err(_) if secret => (String::from("a secret value"), String::new()),
                Err(why) => (format!("`{text}`"), why),
            },
            None | Some((Property::Null, _)) => (String::from("nothing"), String::new()),
            Some((
                Property::Bool(_)
                | Property::Number(_)
                | Property::List(_)
                | Property::Object(_)
                | Property::Secret(_),
                _,
            )) => (String::from("a value of another type"), String::new()),
        };
        let reason = format!("found {found}, expected {expected}{why}");
        self.wrong.push(Wrong { property: property.to_owned(), reason });
        None
    }
}

/// A folder under `project` that holds `files`.
pub(crate) fn folder(project: &Path, given: &str, files: &[&str]) -> Result<Folder, String> {
    let relative = Path::new(given);
    let is_inside =
        relative.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if given.is_empty() || !is_inside {
        return Err(String::from("; it must be a path inside the project's folder"));
    }
    let path = project.join(relative);
    match files.iter().find(|file| !path.join(file).is_file()) {
        Some(absent) => Err(format!("; there is no {}", path.join(absent).display())),
        None => Ok(Folder { given: given.to_owned(), path }),
    }
}
