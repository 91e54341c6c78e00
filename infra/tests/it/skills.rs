//! Skills of the stack's own, and skills that are only wired.

use infra::skills::Locale;
use serde_json::{Value, json};
use smapi::{Listing, Manifest};

use crate::stack::Stack;

fn resource(stack: &Stack, name: &str) -> Value {
    stack.program()["resources"][name].clone()
}

/// The same stack with skills that somebody has made, and has wired himself.
fn by_hand() -> Stack {
    let mut stack = Stack::minimal();
    for (field, value) in [
        ("skillId", json!("amzn1.ask.skill.fedcba98-7654-3210-fedc-ba9876543210")),
        ("clientId", json!("amzn1.application-oa2-client.0123456789abcdef")),
        ("bells", json!([{"id": "front-door", "name": "Front door"}])),
    ] {
        stack = stack.doorbell(field, value);
    }
    stack.set("porch:doorbellClientSecret", "amzn1.oa2-cs.v1.made-up")
}

/// A stack with the developer's account and the ids of both skills.
fn given() -> Stack {
    by_hand()
        .set("porch:alexaClientSecret", "amzn1.oa2-cs.v1.made-up")
        .set("porch:alexaRefreshToken", "Atzr|made-up")
        .alexa("vendorId", json!("M1MADEUP"))
        .alexa("clientId", json!("amzn1.application-oa2-client.developer"))
}

#[test]
fn skills_of_the_stack_s_own_take_no_console() {
    insta::assert_snapshot!(Stack::own_skills().besides(&by_hand()));
}

#[test]
fn skills_with_every_setting() {
    insta::assert_snapshot!(Stack::every_alexa_setting().besides(&Stack::own_skills()));
}

#[test]
fn each_step_waits_for_what_amazon_wants_to_see_first() {
    let program = Stack::own_skills().program();
    let at = |path: &str| program["resources"].pointer(path).unwrap_or_else(|| panic!("no {path}")).clone();
    for skill in ["bridge", "doorbell"] {
        let id = json!(format!("${{{skill}Skill.skillId}}"));
        assert_eq!(at(&format!("/{skill}AlexaPermission/properties/eventSourceToken")), id);
        assert_eq!(at(&format!("/{skill}SkillEndpoint/properties/skillId")), id);
        let permission = json!([format!("${{{skill}AlexaPermission}}")]);
        assert_eq!(at(&format!("/{skill}SkillEndpoint/options/dependsOn")), permission);
    }
    for (parameter, output) in [
        ("doorbellClientIdParameter", "${doorbellSkill.messagingClientId}"),
        ("doorbellClientSecretParameter", "${doorbellSkill.messagingClientSecret}"),
    ] {
        assert_eq!(at(&format!("/{parameter}/properties/value")), output);
    }
}

#[test]
fn a_skill_that_is_given_is_wired_and_no_resource() {
    let program = given().program();
    let resources = program["resources"].as_object().expect("resources");
    assert!(resources.values().all(|resource| resource["type"] != "porch:alexa:Skill"));
    let endpoint = &resources["doorbellSkillEndpoint"]["properties"];
    assert_eq!(endpoint["skillId"], "amzn1.ask.skill.fedcba98-7654-3210-fedc-ba9876543210");
    assert_eq!(endpoint.get("manifestHash"), None);
    assert_eq!(resources["doorbellClientSecretParameter"]["properties"]["value"], "${doorbellClientSecret}");
}

#[test]
fn without_a_developer_s_account_nothing_is_wired() {
    let program = by_hand().program();
    let resources = program["resources"].as_object().expect("resources");
    let of_alexa =
        |resource: &&Value| resource["type"].as_str().is_some_and(|token| token.starts_with("porch:alexa"));
    assert_eq!(resources.values().find(of_alexa), None);
    assert_eq!(resources["porchPlugin"]["properties"], json!({}));
    assert_eq!(program["outputs"]["bridgeSkillId"], "amzn1.ask.skill.01234567-89ab-cdef-0123-456789abcdef");
}

#[test]
fn skills_are_protected_unless_that_is_not_wanted() {
    let protected = |stack: &Stack, name: &str| resource(stack, name)["options"]["protect"].clone();
    for skill in ["bridgeSkill", "doorbellSkill"] {
        assert_eq!(protected(&Stack::own_skills(), skill), json!(true));
        assert_eq!(protected(&Stack::every_alexa_setting(), skill), Value::Null);
    }
    assert_eq!(protected(&Stack::own_skills(), "bridgeSkillEndpoint"), Value::Null);
}

#[test]
fn each_region_has_its_locales_and_its_client_at_home_assistant() {
    for (region, locale, client) in [
        ("us-east-1", "en-US", "https://pitangui.amazon.com/"),
        ("eu-west-1", "en-GB", "https://layla.amazon.com/"),
        ("us-west-2", "ja-JP", "https://alexa.amazon.co.jp/"),
    ] {
        let stack = Stack::own_skills().set("aws:region", region).bridge("linking", json!(true));
        assert_eq!(resource(&stack, "bridgeSkill")["properties"]["locales"][locale], "Home Assistant");
        let linking = &resource(&stack, "bridgeSkillEndpoint")["properties"]["accountLinking"];
        assert_eq!(linking["clientId"], client);
        assert_eq!(linking["accessTokenUrl"], "${linkingUrl.functionUrl}auth/token");
    }
}

#[test]
fn a_bridge_with_a_token_of_its_own_is_linked_with_amazon_itself() {
    let linking =
        |stack: &Stack| resource(stack, "bridgeSkillEndpoint")["properties"]["accountLinking"].clone();
    assert_eq!(linking(&Stack::own_skills()), Value::Null, "somebody knows another way");
    let stack = Stack::own_skills()
        .set("porch:longLivedAccessToken", "eyJ-made-up")
        .bridge("longLivedAccessToken", json!(true));
    let doorbell = resource(&stack, "doorbellSkillEndpoint")["properties"]["accountLinking"].clone();
    assert_eq!(linking(&stack), doorbell);
    assert_eq!(doorbell["clientSecret"], "${alexaClientSecret}");
}

#[test]
fn amazon_has_every_locale() {
    for locale in Locale::all() {
        let listing = Listing {
            name: "Home Assistant".to_owned(),
            summary: "x".to_owned(),
            description: "x".to_owned(),
            ..Listing::default()
        };
        let locales = [(locale.name().to_owned(), listing)].into();
        let manifest = Manifest { locales, ..Manifest::default() };
        assert_eq!(manifest.wrong(), Vec::<String>::new());
    }
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let stack = Stack::own_skills()
        .unset("porch:alexaRefreshToken")
        .set("porch:alexaClientSecret", "")
        .alexa("vendorId", json!("M-1"))
        .alexa("clientId", json!("amzn1.oa2-cs.v1.x"))
        .alexa("locales", json!(["en-UK", "de-DE", "de-DE"]))
        .alexa("protectSkills", json!("yes"))
        .alexa("vendor", json!("x"))
        .bridge("skillName", json!("H"))
        .doorbell("clientId", json!("amzn1.application-oa2-client.0"))
        .doorbell("linkingClientId", json!("amzn1.application-oa2-client.linking"));
    insta::assert_snapshot!(stack.complaint());
}

#[test]
fn a_locale_stands_in_the_list_once() {
    let complaint = Stack::own_skills().alexa("locales", json!(["de-DE", "en-GB", "de-DE"])).complaint();
    assert!(complaint.contains("porch:alexa.locales[2]: found `de-DE`"), "{complaint}");
}

#[test]
fn a_name_is_for_skills_of_the_stack_s_own() {
    insta::assert_snapshot!(given().bridge("skillName", json!("Home")).complaint(), @r"
    1 setting of stack `prod` is wrong

      porch:bridge.skillName: found `Home`
        expected  nothing beside skillId, whose skill has its name
        way out   pulumi config rm --path porch:bridge.skillName
    ");
    insta::assert_snapshot!(
        by_hand()
            .bridge("skillName", json!("Home"))
            .doorbell("linkingClientId", json!("amzn1.application-oa2-client.linking"))
            .complaint(),
        @r"
        2 settings of stack `prod` are wrong

          porch:bridge.skillName: found `Home`
            expected  nothing, unless porch:alexa has porch make the skill
            way out   pulumi config rm --path porch:bridge.skillName

          porch:doorbell.linkingClientId: found `amzn1.application-oa2-client.linking`
            expected  nothing, unless porch:alexa has porch link the skill
            way out   pulumi config rm --path porch:doorbell.linkingClientId
        "
    );
}
