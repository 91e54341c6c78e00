//! What a component's resources are called in the account: after the stack, or as somebody called them before there was
//! one.

use std::collections::BTreeMap;

use crate::config::StackConfig;
use crate::group::Group;
use crate::values::{Expected, StackName};
use crate::wrong::{Found, Wrong};

/// What can have a name of one's own. Whatever else a stack has is called after the stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Named {
    /// The repository of the function's images.
    Repository,
    /// What the function acts as.
    Role,
    /// The function; its log is called after it.
    Function,
    /// The table of grants.
    Table,
}

/// The names of one component's resources.
#[derive(Debug)]
pub struct Names {
    component: &'static str,
    given: BTreeMap<Named, String>,
}

impl Named {
    /// Its field in the component's group.
    #[must_use]
    pub fn field(self) -> &'static str {
        match self {
            Self::Repository => "repositoryName",
            Self::Role => "roleName",
            Self::Function => "functionName",
            Self::Table => "tableName",
        }
    }

    /// Reads a name as AWS takes it (CreateRepository, CreateRole, CreateFunction, CreateTable).
    fn parse(self, text: &str) -> Result<String, Expected> {
        let (lengths, others, expected) = match self {
            Self::Repository => (
                2..=256,
                "._-/",
                "a repository's name: 2 to 256 lower-case letters and digits, with . _ - or / between them",
            ),
            Self::Role => {
                (1..=64, "_+=,.@-", "a role's name, without its path: 1 to 64 letters, digits and _+=,.@-")
            }
            Self::Function => (1..=64, "_-", "a function's name, no ARN: 1 to 64 letters, digits, - and _"),
            Self::Table => (3..=255, "_.-", "a table's name, no ARN: 3 to 255 letters, digits and _.-"),
        };
        let is_one = |character: char| character.is_ascii_alphanumeric() || others.contains(character);
        let is_right = lengths.contains(&text.len()) && text.chars().all(is_one);
        let is_right = is_right && (self != Self::Repository || is_path(text));
        if is_right { Ok(text.to_owned()) } else { Err(expected.to_owned()) }
    }
}

impl Names {
    /// A component all of whose names are the stack's.
    #[must_use]
    pub fn after_the_stack(component: &'static str) -> Self {
        Self { component, given: BTreeMap::new() }
    }

    /// Reads which of a component's resources have names of their own. Such a name does not begin as the stack's do, so
    /// that it can be nobody else's in the stack.
    pub(crate) fn read(
        group: &mut Group<'_>,
        config: &StackConfig,
        component: &'static str,
        named: &[Named],
    ) -> Self {
        let stack = StackName::parse(&config.stack).ok();
        let parse = |named: Named, text: &str| {
            let name = named.parse(text)?;
            let stack = stack.as_ref().filter(|stack| name.starts_with(&stack.name("")));
            match stack.filter(|stack| stack.name(component) != name) {
                Some(stack) => Err(format!("a name that does not begin with {}", stack.name(""))),
                None => Ok(name),
            }
        };
        let example = format!("my-{component}");
        let given = named.iter().filter_map(|named| {
            let name = group.text(named.field(), &example, |text| parse(*named, text))?;
            Some((*named, name))
        });
        Self { component, given: given.collect() }
    }

    /// The component, as the stack's names have it.
    pub(crate) fn component(&self) -> &'static str {
        self.component
    }

    /// What `named` is called.
    pub(crate) fn of(&self, stack: &StackName, named: Named) -> String {
        self.given.get(&named).cloned().unwrap_or_else(|| stack.name(self.component))
    }

    /// Whether `named` may have been there before the stack.
    pub(crate) fn has(&self, named: Named) -> bool {
        self.given.contains_key(&named)
    }

    /// The names that are not the stack's.
    pub(crate) fn given(&self) -> impl Iterator<Item = (Named, &str)> {
        self.given.iter().map(|(named, name)| (*named, name.as_str()))
    }
}

/// Notes each name of `second`, whose group is `group`, that `first` has already.
pub(crate) fn are_distinct(first: &Names, second: &Names, group: &str, wrong: &mut Vec<Wrong>) {
    let taken = second.given().filter(|(named, name)| first.given.get(named).is_some_and(|one| one == name));
    wrong.extend(taken.map(|(named, name)| {
        let (component, field) = (first.component, named.field());
        Wrong {
            name: format!("{group}.{field}"),
            found: Found::text(name),
            expected: format!("another one than the {component} has"),
            way_out: format!("pulumi config rm --path {group}.{field}"),
        }
    }));
}

/// Whether each part between slashes is words of letters and digits with one separator between: ECR allows no other.
fn is_path(text: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    text.split(['/', '.', '_', '-']).all(is_word)
}
