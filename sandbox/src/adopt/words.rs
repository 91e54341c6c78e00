//! What a person is told.

use std::fmt::Write as _;

use super::Decided;
use super::decide::Decision;
use super::declared::Declared;
use super::thing::Thing;

/// All that cannot be taken over; `None` if everything can.
pub(super) fn refused(decided: &[Decided]) -> Option<String> {
    let mut text = String::new();
    for Decided { declared, thing, decision } in decided {
        if let Decision::Refused { why, advice } = decision {
            let _ = write!(text, "\n  {}: {}: {why}", declared.name(), thing.told());
            if !advice.is_empty() {
                let _ = write!(text, "\n    {advice}");
            }
        }
    }
    let heading = "nothing was taken over, since this stands in the way:";
    (!text.is_empty()).then(|| format!("{heading}{text}"))
}

/// What became of each, and what comes next.
pub(super) fn report(stack: &str, account: &str, region: &str, decided: &[Decided]) -> String {
    let mut text = format!("The stack {stack}, in the account {account}, {region}:\n");
    let width = decided.iter().map(|one| one.declared.name().len()).max().unwrap_or_default();
    let mut decided: Vec<&Decided> = decided.iter().collect();
    decided.sort_by_key(|one| one.declared.name());
    for Decided { declared, thing, decision } in decided {
        let outcome = match decision {
            Decision::Ours => "already its own",
            Decision::Made => "not there",
            Decision::Taken { .. } => "taken over",
            Decision::Refused { .. } => continue,
        };
        let _ = write!(text, "  {outcome:<15}  {:<width$}  {}", declared.name(), thing.told());
        let _ = writeln!(text, "{}", remark(declared, thing, decision));
    }
    let _ = write!(
        text,
        "\nNothing but the stack's state has changed. What is next:\n  \
         pulumi preview --stack {stack} --diff   shows what would change of these\n  \
         pulumi up --stack {stack}               changes it, and makes what is not there\n"
    );
    text
}

/// What a person should know before `pulumi up`.
fn remark(declared: &Declared, thing: &Thing, decision: &Decision) -> String {
    match (thing, decision) {
        (Thing::AnySkill, Decision::Made) => {
            let component = declared.name().trim_end_matches("Skill");
            format!("; `pulumi up` makes one, unless --{component}-skill ID tells of one that is there")
        }
        (_, Decision::Made) => "; `pulumi up` makes it".to_owned(),
        (Thing::Repository(_), Decision::Taken { .. }) => "; of its images the newest 3 stay".to_owned(),
        (Thing::Permission(permission), Decision::Taken { .. }) if permission.moves => {
            "; goes once the stack's own is there".to_owned()
        }
        _ => String::new(),
    }
}
