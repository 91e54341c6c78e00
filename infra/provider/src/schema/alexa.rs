//! The part about skills.

use serde_json::{Value, json};

use super::{secret, text};
use crate::alexa::ACCOUNT;

const LINKING: &str = "porch:alexa:AccountLinking";

/// What the provider is configured with.
pub(super) fn account() -> Value {
    let [client_id, client_secret, refresh_token] = ACCOUNT;
    let properties = json!({
        client_id: text("Client id of the developer's security profile at Login with Amazon."),
        client_secret: secret("Its client secret."),
        refresh_token: secret("Its developer's refresh token, for the scopes that skills are made with."),
    });
    json!({ "type": "object", "properties": properties, "inputProperties": properties })
}

pub(super) fn types() -> Value {
    let properties = json!({
        "authorizationUrl": text("Where the user logs in."),
        "accessTokenUrl": text("Where Amazon gets tokens."),
        "clientId": text("As which client Amazon asks for them."),
        "clientSecret": secret("With which secret; Amazon tells it to nobody."),
        "scopes": { "type": "array", "items": { "type": "string" }, "description": "For what." },
    });
    json!({ LINKING: {
        "type": "object",
        "description": "How users link their accounts: by an authorization code.",
        "properties": properties,
        "required": ["authorizationUrl", "accessTokenUrl", "clientId", "clientSecret", "scopes"],
    } })
}

pub(super) fn skill() -> Value {
    let inputs = json!({
        "vendorId": {
            "type": "string",
            "replaceOnChanges": true,
            "description": "The developer's id as a vendor of skills. Another one replaces the skill.",
        },
        "locales": texts("The skill's name in each locale, like `en-US`."),
        "summary": text("What it is for, in a sentence."),
        "events": truth("Whether it sends events, like the press of a doorbell."),
    });
    let mut properties = inputs.clone();
    for (name, property) in [
        ("manifestHash", text("Hash of all that porch has Amazon's manifest say.")),
        ("skillId", text("Its id, `amzn1.ask.skill.…`.")),
        ("messagingClientId", text("As which client its events are sent, if it sends any.")),
        ("messagingClientSecret", secret("With which secret.")),
    ] {
        properties[name] = property;
    }
    json!({
        "description": "A smart home skill of Alexa, in development, without the functions that answer it.",
        "inputProperties": inputs,
        "requiredInputs": ["vendorId", "locales", "summary"],
        "properties": properties,
        "required": ["vendorId", "locales", "summary", "events", "manifestHash", "skillId"],
    })
}

pub(super) fn skill_endpoint() -> Value {
    let inputs = json!({
        "skillId": {
            "type": "string",
            "replaceOnChanges": true,
            "description": "The skill.",
        },
        "manifestHash": text("Of the skill, if it is one of the same program: another one has it linked again."),
        "functionArn": text("The function that answers it, which has to let it."),
        "regions": texts("Other functions for some of Alexa's regions, `NA`, `EU` and `FE`."),
        "accountLinking": {
            "type": "object",
            "$ref": format!("#/types/{LINKING}"),
            "description": "How users link their accounts; without it, that is left to somebody else.",
        },
        "enable": truth("Whether to enable it for the developer, as far as Amazon lets programs do that."),
    });
    let mut properties = inputs.clone();
    properties["enabled"] = truth("Whether it is enabled for the developer.");
    json!({
        "description": "What answers a skill of Alexa, and how its users link their accounts.",
        "inputProperties": inputs,
        "requiredInputs": ["skillId", "functionArn"],
        "properties": properties,
        "required": ["skillId", "functionArn", "enable", "enabled"],
    })
}

fn texts(description: &str) -> Value {
    json!({ "type": "object", "additionalProperties": { "type": "string" }, "description": description })
}

fn truth(description: &str) -> Value {
    json!({ "type": "boolean", "description": description })
}
