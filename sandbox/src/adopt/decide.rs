//! What becomes of each resource.

use infra::names::Named;

use super::declared::Declared;
use super::fit::Found;
use super::thing::{Permission, Thing};

/// What is done about a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// Nothing: the stack has it.
    Ours,
    /// Nothing: it is not there, and `pulumi up` makes it.
    Made,
    /// It is imported by this id.
    Taken { id: String },
    /// It cannot be had: why, and what is to be done.
    Refused { why: String, advice: String },
}

/// Decides about one, by what was found of it.
pub(super) fn decide(declared: &Declared, thing: &Thing, found: Found) -> Decision {
    if declared.is_ours {
        return ours(declared, thing);
    }
    match found {
        Found::Nothing => Decision::Made,
        Found::Fits(statement) => Decision::Taken { id: thing.id(statement.as_deref()) },
        Found::Unfit(why) => Decision::Refused { why, advice: advice(declared, thing).unwrap_or_default() },
    }
}

/// What the stack has, it keeps; so another trigger can no more be taken in its place.
fn ours(declared: &Declared, thing: &Thing) -> Decision {
    if let Thing::Permission(Permission { function, moves: true, .. }) = thing {
        let why = format!("the stack has {} already, with a trigger of its own", declared.name());
        let advice = format!(
            "`aws lambda get-policy --function-name {function}` tells of the old one, and `aws lambda \
             remove-permission --function-name {function} --statement-id SID` takes it away"
        );
        return Decision::Refused { why, advice };
    }
    Decision::Ours
}

/// How the stack gets another one.
fn advice(declared: &Declared, thing: &Thing) -> Option<String> {
    if let Thing::OidcProvider(arn) = thing {
        return Some(format!(
            "have the stack use it: pulumi config set --path porch:previews.oidcProviderArn {arn}"
        ));
    }
    let component = if declared.name().starts_with("doorbell") { "doorbell" } else { "bridge" };
    let (named, more) = if let Thing::Function(name) = thing {
        (Named::Function, format!("; --{component}-trigger {name} then takes Alexa's trigger along"))
    } else if let Thing::Table(_) = thing {
        (Named::Table, "; customers then link the skill once more".to_owned())
    } else if let Thing::Role(_) = thing {
        (Named::Role, String::new())
    } else {
        return None;
    };
    let setting = format!("porch:{component}.{}", named.field());
    let leave = format!("leave {setting} away (`pulumi config rm --path {setting}`)");
    Some(format!("{leave}, and the stack makes one of its own{more}"))
}
