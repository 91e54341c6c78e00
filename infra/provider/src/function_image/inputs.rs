//! What a program says about an image, checked: every wrong property is reported with what was found and expected.

use std::path::Path;

use crate::architecture::Architecture;
use crate::inputs::{Folder, Reader, Wrong, folder};
use crate::property::{Properties, Property};
use crate::registry::Repository;

/// The inputs of a function image. In a preview some may depend on what is not created yet: they are `None`.
#[derive(Clone, Debug)]
pub(crate) struct Inputs {
    pub(crate) function: Option<Folder>,
    pub(crate) architecture: Option<Architecture>,
    pub(crate) repository: Option<Repository>,
    /// The outer `None` means not known yet; the inner one, not wanted.
    pub(crate) tailscaled: Option<Option<Folder>>,
}

pub(crate) const FUNCTION: &str = "function";
pub(crate) const ARCHITECTURE: &str = "architecture";
pub(crate) const REPOSITORY_URL: &str = "repositoryUrl";
pub(crate) const TAILSCALED: &str = "tailscaled";

impl Inputs {
    /// Reads the inputs of a program that is in the folder `project`.
    pub(crate) fn read(given: &Properties, project: &Path) -> Result<Self, Vec<Wrong>> {
        let mut reader = Reader::new(given, &[FUNCTION, ARCHITECTURE, REPOSITORY_URL, TAILSCALED]);
        let function =
            reader.required(FUNCTION, "the folder of a crate, like functions/bridge", |text, _| {
                folder(project, text, &["Cargo.toml"])
            });
        let architecture = reader
            .required(ARCHITECTURE, "x86_64 or arm64", |text, _| text.parse().map_err(|_| String::new()));
        let repository = reader.required(REPOSITORY_URL, Repository::EXPECTED, |text, secret| {
            Repository::parse(text, secret).map_err(|_| String::new())
        });
        let expected = "the folder of the Go module that pins tailscaled, like crates/tailnet/tailscaled";
        let tailscaled = match given.get(TAILSCALED) {
            None | Some(Property::Null) => Some(None),
            Some(_) => reader
                .required(TAILSCALED, expected, |text, _| folder(project, text, &["go.mod", "go.sum"]))
                .map(Some),
        };
        reader.end()?;
        Ok(Self { function, architecture, repository, tailscaled })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPOSITORY: &str = "123456789012.dkr.ecr.us-east-1.amazonaws.com/porch";

    /// A project with a crate in `functions/echo` and a Go module in `tailscaled`.
    fn project() -> tempfile::TempDir {
        let project = tempfile::tempdir().unwrap();
        for file in ["functions/echo/Cargo.toml", "tailscaled/go.mod", "tailscaled/go.sum"] {
            let path = project.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        project
    }

    fn text(text: &str) -> Property {
        Property::Text(text.to_owned())
    }

    fn right() -> Properties {
        Properties::from([
            (FUNCTION.to_owned(), text("functions/echo")),
            (ARCHITECTURE.to_owned(), text("arm64")),
            (REPOSITORY_URL.to_owned(), text(REPOSITORY)),
            (TAILSCALED.to_owned(), text("tailscaled")),
        ])
    }

    #[test]
    fn right_inputs_are_read() {
        let project = project();
        let inputs = Inputs::read(&right(), project.path()).unwrap();
        assert_eq!(inputs.function.unwrap().path, project.path().join("functions/echo"));
        assert_eq!(inputs.architecture, Some(Architecture::Arm64));
        assert_eq!(inputs.repository.unwrap().url(), REPOSITORY);
        assert_eq!(inputs.tailscaled.unwrap().unwrap().given, "tailscaled");
    }

    #[test]
    fn tailscaled_may_be_left_out_and_anything_may_be_unknown() {
        let project = project();
        let mut given = right();
        given.remove(TAILSCALED);
        given.insert(REPOSITORY_URL.to_owned(), Property::Unknown);
        let inputs = Inputs::read(&given, project.path()).unwrap();
        assert_eq!(inputs.tailscaled, Some(None));
        assert!(inputs.repository.is_none());
    }

    #[test]
    fn every_wrong_property_is_reported_at_once() {
        let project = project();
        let given = Properties::from([
            (FUNCTION.to_owned(), text("functions/brige")),
            (ARCHITECTURE.to_owned(), text("arm")),
            (REPOSITORY_URL.to_owned(), text("docker.io/porch")),
            (TAILSCALED.to_owned(), Property::Bool(true)),
            ("tag".to_owned(), text("latest")),
        ]);
        let wrong = Inputs::read(&given, project.path()).unwrap_err();
        let told: Vec<String> =
            wrong.iter().map(|wrong| format!("{}: {}", wrong.property, wrong.reason)).collect();
        let told = told.join("\n").replace(&project.path().display().to_string(), "PROJECT");
        insta::assert_snapshot!(told, @r"
        tag: there is no such property; there are function, architecture, repositoryUrl, tailscaled
        function: found `functions/brige`, expected the folder of a crate, like functions/bridge; there is no PROJECT/functions/brige/Cargo.toml
        architecture: found `arm`, expected x86_64 or arm64
        repositoryUrl: found `docker.io/porch`, expected an ECR repository, like 123456789012.dkr.ecr.us-east-1.amazonaws.com/porch
        tailscaled: found a value of another type, expected the folder of the Go module that pins tailscaled, like crates/tailnet/tailscaled
        ");
    }

    #[test]
    fn a_folder_outside_the_project_is_refused() {
        let project = project();
        for outside in ["/etc", "../other", "functions/../../other", ""] {
            let mut given = right();
            given.insert(FUNCTION.to_owned(), text(outside));
            let wrong = Inputs::read(&given, project.path()).unwrap_err();
            assert!(wrong[0].reason.contains("inside the project's folder"), "{outside}");
        }
    }

    #[test]
    fn a_wrong_secret_is_not_shown() {
        let project = project();
        for name in [FUNCTION, ARCHITECTURE, REPOSITORY_URL, TAILSCALED] {
            let mut given = right();
            given.insert(name.to_owned(), text("planted").hidden_if(true));
            let wrong = Inputs::read(&given, project.path()).unwrap_err();
            assert!(!format!("{wrong:?}").contains("planted"), "{wrong:?}");
        }
    }
}
