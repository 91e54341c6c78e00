//! What is at the door: bells, and the machine that they are wired to.

use infra::config::{DEVICE, DOORBELL};
use infra::device::DebianArchitecture;
use infra::doorbell::{EndpointId, FriendlyName};
use infra::values::Expected;

use super::change::Change;
use super::known::Known;

const BELLS: &str = "porch:doorbell.bells";
pub(super) const FIRST_BELL: &str = "porch:doorbell.bells[0].name";
pub(super) const ARCHITECTURE: &str = "porch:device.architecture";
/// That somebody wants no bell, or no package, is nothing of porch's own settings, and still not to be asked twice.
const NO_BELLS: &str = "setup:bells";
const NO_PACKAGE: &str = "setup:device";

/// Whether there are bells.
pub(super) fn has_bells(known: &Known) -> bool {
    known.has(BELLS)
}

/// Whether the stack publishes the program of the machine at the door.
pub(super) fn has_package(known: &Known) -> bool {
    known.has(DEVICE)
}

/// Whether it is known which bells there are, or that there are none.
pub(super) fn are_bells_known(known: &Known) -> bool {
    has_bells(known) || known.has(NO_BELLS)
}

/// Whether it is known who brings the machine at the door its program.
pub(super) fn is_package_known(known: &Known) -> bool {
    has_package(known) || known.has(NO_PACKAGE)
}

/// Names with commas between; none for no bells.
pub(super) fn read_bells(answer: &str, known: &Known) -> Result<Change, Expected> {
    if answer.is_empty() {
        return match has_bells(known) {
            true => Err(format!(
                "a name at least: {DOORBELL} is there, and `pulumi config rm {DOORBELL}` is what takes it away, as README \
                 says"
            )),
            false => Ok(Change::plain(NO_BELLS, "none")),
        };
    }
    let names: Vec<&str> = answer.split(',').map(str::trim).collect();
    let mut ids: Vec<String> = Vec::new();
    for name in &names {
        FriendlyName::parse(name)?;
        let id = known_id(name, known).unwrap_or_else(|| id_of(name));
        // Pulumi takes what looks like a number or a yes for one, and no name is one.
        if !id.contains(|letter: char| letter.is_ascii_alphabetic())
            || ["true", "false"].contains(&id.as_str())
        {
            return Err("names with a letter from a to z in each, like Front door".to_owned());
        }
        EndpointId::parse(&id)?;
        if ids.contains(&id) {
            return Err(format!(
                "names that differ by more than blanks and capitals: two bells would be {id}"
            ));
        }
        ids.push(id);
    }
    let bells: Vec<_> =
        ids.iter().zip(names).map(|(id, name)| vec![(".id", id.as_str()), (".name", name)]).collect();
    Ok(Change::list(BELLS, &bells, known).without(&[NO_BELLS], known))
}

/// The id that a bell has already: Alexa knows it by that, so that it stays for ever.
fn known_id(name: &str, known: &Known) -> Option<String> {
    let field = |at: usize, field: &str| known.get(&format!("{BELLS}[{at}].{field}"));
    let at = (0..known.length(BELLS)).find(|at| field(*at, "name") == Some(name))?;
    field(at, "id").map(str::to_owned)
}

/// The id of a new bell with this name: `Front door` is `front-door`.
fn id_of(name: &str) -> String {
    let letters = name.chars().map(|letter| match letter.to_ascii_lowercase() {
        letter if letter.is_ascii_alphanumeric() => letter,
        _ => '-',
    });
    let letters: String = letters.collect();
    letters.split('-').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
}

/// An architecture, as Debian calls it; or no.
pub(super) fn read_package(answer: &str, known: &Known) -> Result<Change, Expected> {
    match answer {
        "no" if has_package(known) => Err(format!(
            "an architecture: {DEVICE} is there, and `pulumi config rm {DEVICE}` is what takes it away, as README says"
        )),
        "no" => Ok(Change::plain(NO_PACKAGE, "no")),
        "" => read_package(DebianArchitecture::Arm64.name(), known),
        _ => {
            let architecture =
                DebianArchitecture::parse(answer).map_err(|expected| format!("{expected}; or no"))?;
            Ok(Change::plain(ARCHITECTURE, architecture.name()).without(&[NO_PACKAGE], known))
        }
    }
}
