//! What is decided about what, as data; and an account asked by a server that checks signatures.

use std::time::SystemTime;

use aws::Client;
use aws::dynamodb::Description;
use aws::fake::FakeAws;
use http_client::Kept;
use serde_json::{Value, json};

use super::account::Account;
use super::decide::{Decision, decide};
use super::declared::{Declared, Preview};
use super::fit::{self, Found};
use super::thing::{self, Permission, Thing};
use super::{Decided, Wanted, policy, words};

const ACCOUNT: &str = "123456789012";
const SKILL: &str = "amzn1.ask.skill.01234567-89ab-cdef-0123-456789abcdef";
const UNKNOWN: &str = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/// A preview's step: operation, type, name in the program, inputs.
fn step((op, kind, name, inputs): &(&str, &str, &str, Value)) -> Value {
    let protect = *name == "doorbellTable";
    json!({
        "op": op,
        "urn": format!("urn:pulumi:prod::porch::{kind}::{name}"),
        "newState": {"type": kind, "inputs": inputs, "protect": protect},
    })
}

fn preview(token: &str) -> Preview {
    let name = |name: &str| json!({ "name": name });
    let permission =
        json!({"function": "haaska", "statementId": "alexa-smart-home", "eventSourceToken": token});
    let url = json!({"function": "porch-prod-linking", "statementId": "url"});
    let steps = [
        ("create", "pulumi:providers:porch", "porchPlugin", json!({})),
        ("create", "porch:alexa:Skill", "bridgeSkill", name("Home Assistant")),
        ("create-replacement", "aws:ecr/repository:Repository", "bridgeRepository", name("alexa/bridge")),
        ("replace", "aws:ecr/repository:Repository", "bridgeRepository", name("alexa/bridge")),
        (
            "create",
            "aws:ecr/lifecyclePolicy:LifecyclePolicy",
            "bridgeImageExpiry",
            json!({"repository": UNKNOWN}),
        ),
        ("create", "aws:ssm/parameter:Parameter", "bridgeAuthKey", name("/porch/prod/bridge/key")),
        ("create", "aws:cloudwatch/logGroup:LogGroup", "bridgeLogGroup", name("/aws/lambda/haaska")),
        ("create", "aws:iam/role:Role", "bridgeRole", name("alexa")),
        ("create", "aws:lambda/function:Function", "bridgeFunction", name("haaska")),
        ("create", "aws:lambda/permission:Permission", "bridgeAlexaPermission", permission),
        (
            "create",
            "aws:lambda/functionUrl:FunctionUrl",
            "linkingUrl",
            json!({"functionName": "porch-prod-linking"}),
        ),
        ("create", "aws:lambda/permission:Permission", "linkingUrlPermission", url),
        ("create", "aws:scheduler/schedule:Schedule", "warmSchedule", name("porch-prod-warm-schedule")),
        ("create", "aws:dynamodb/table:Table", "doorbellTable", name("grants")),
        ("create", "aws:iam/user:User", "doorbellUser1", name("porch-prod-doorbell-1")),
        (
            "create",
            "aws:iam/accessKey:AccessKey",
            "doorbellAccessKey1",
            json!({"user": "porch-prod-doorbell-1"}),
        ),
        ("create", "aws:iam/policy:Policy", "permissionsBoundary", name("porch-prod-boundary")),
        (
            "create",
            "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
            "githubProvider",
            json!({"url": "https://token.actions.githubusercontent.com"}),
        ),
        ("delete", "aws:iam/role:Role", "former", name("former")),
    ];
    let mut steps: Vec<Value> = steps.iter().map(step).collect();
    let former = steps.last_mut().and_then(Value::as_object_mut).expect("a step");
    former.remove("newState");
    let told = json!({"config": {"aws:region": "eu-west-1"}, "steps": steps});
    Preview::read(&told.to_string()).expect("a preview")
}

fn of(wanted: &Wanted) -> Vec<(Declared, Thing)> {
    thing::all(&preview(SKILL), wanted, ACCOUNT).expect("all is known")
}

fn skill() -> Wanted {
    Wanted { bridge_skill: Some(super::SkillId::parse(SKILL).expect("an id")), ..Wanted::default() }
}

#[test]
fn each_thing_is_imported_by_the_id_that_the_provider_documents() {
    let ids: Vec<(String, String)> = of(&skill())
        .into_iter()
        .map(|(declared, thing)| (declared.name().to_owned(), thing.id(None)))
        .collect();
    let ids: Vec<(&str, &str)> = ids.iter().map(|(name, id)| (name.as_str(), id.as_str())).collect();
    let wanted = [
        ("bridgeSkill", SKILL),
        ("bridgeRepository", "alexa/bridge"),
        ("bridgeAuthKey", "/porch/prod/bridge/key"),
        ("bridgeLogGroup", "/aws/lambda/haaska"),
        ("bridgeRole", "alexa"),
        ("bridgeFunction", "haaska"),
        ("bridgeAlexaPermission", "haaska/alexa-smart-home"),
        ("linkingUrl", "porch-prod-linking"),
        ("linkingUrlPermission", "porch-prod-linking/url"),
        ("warmSchedule", "default/porch-prod-warm-schedule"),
        ("doorbellTable", "grants"),
        ("doorbellUser1", "porch-prod-doorbell-1"),
        ("permissionsBoundary", "arn:aws:iam::123456789012:policy/porch-prod-boundary"),
        ("githubProvider", "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"),
    ];
    assert_eq!(ids, wanted);
}

#[test]
fn a_skill_is_taken_only_from_whoever_names_it() {
    assert!(of(&skill()).iter().any(|(_, thing)| matches!(thing, Thing::Skill(id) if id.as_str() == SKILL)));
    assert!(of(&Wanted::default()).iter().any(|(_, thing)| *thing == Thing::AnySkill));
    let wanted = Wanted { doorbell_skill: skill().bridge_skill, ..Wanted::default() };
    let told = thing::all(&preview(SKILL), &wanted, ACCOUNT).expect_err("no such skill").to_string();
    assert!(told.contains("declares no doorbellSkill") && told.contains("config rm --path"), "{told}");
}

#[test]
fn a_trigger_is_that_of_the_skill_that_is_known() {
    let moved = |token: &str, wanted: Wanted| {
        let wanted = Wanted { bridge_trigger: Some("old".into()), ..wanted };
        let things = thing::all(&preview(token), &wanted, ACCOUNT).map_err(|error| error.to_string())?;
        let trigger = things.into_iter().find(|(one, _)| one.name() == "bridgeAlexaPermission");
        Ok::<_, String>(trigger.expect("a trigger").1)
    };
    let wanted = Thing::Permission(Permission {
        function: "old".into(),
        statement: "alexa-smart-home".into(),
        skill: Some(SKILL.into()),
        moves: true,
    });
    assert_eq!(moved(SKILL, Wanted::default()), Ok(wanted.clone()));
    assert_eq!(moved(UNKNOWN, skill()), Ok(wanted));
    let told = moved(UNKNOWN, Wanted::default()).expect_err("of which skill?");
    assert!(told.contains("--bridge-skill ID says it"), "{told}");
}

#[test]
fn what_aws_changes_in_place_fits_and_what_it_makes_anew_does_not() {
    let table = |key: &[(&str, &str)], indexes: &[&str], has_stream| {
        fit::table(&Description {
            key: key.iter().map(|(name, kind)| ((*name).to_owned(), (*kind).to_owned())).collect(),
            indexes: indexes.iter().map(|name| (*name).to_owned()).collect(),
            has_stream,
        })
    };
    let user = ("user", "S");
    for (found, wanted) in [
        (fit::role("/"), None),
        (fit::role("/service-role/"), Some("at the path /service-role/")),
        (fit::function("Image"), None),
        (fit::function("Zip"), Some("is a zip")),
        (table(&[user], &[], false), None),
        (table(&[("id", "S")], &[], false), Some("its key is id (S)")),
        (table(&[("user", "N")], &[], false), Some("its key is user (N)")),
        (table(&[user, ("at", "N")], &[], false), Some("its key is user (S) and at (N)")),
        (table(&[user], &["by-time"], false), Some("indexes, which the stack would delete: by-time")),
        (table(&[user], &[], true), Some("as a stream")),
    ] {
        match (found, wanted) {
            (Found::Fits(None), None) => {}
            (Found::Unfit(why), Some(wanted)) => assert!(why.contains(wanted), "{why}"),
            (found, wanted) => panic!("{found:?}, expected {wanted:?}"),
        }
    }
}

/// A policy with these statements: id, and the skill that may call.
fn statements(statements: &[(&str, &str)]) -> String {
    let statement = |(id, skill): &(&str, &str)| {
        json!({
            "Sid": id,
            "Effect": "Allow",
            "Principal": {"Service": "alexa-connectedhome.amazon.com"},
            "Action": "lambda:InvokeFunction",
            "Condition": {"StringEquals": {"lambda:EventSourceToken": skill}},
        })
    };
    json!({ "Statement": statements.iter().map(statement).collect::<Vec<_>>() }).to_string()
}

#[test]
fn a_statement_is_found_by_the_stack_s_id_or_by_its_skill() {
    let stays = Permission {
        function: "haaska".into(),
        statement: "alexa-smart-home".into(),
        skill: Some(SKILL.into()),
        moves: false,
    };
    let moves = Permission { moves: true, ..stays.clone() };
    let about_all = Permission { skill: None, ..stays.clone() };
    let fits = |id: &str| Found::Fits(Some(id.to_owned()));
    for (wanted, found, expected) in [
        (&stays, vec![("alexa-smart-home", SKILL)], Ok(fits("alexa-smart-home"))),
        (&stays, vec![("alexa-smart-home", "other"), ("x", SKILL)], Ok(fits("alexa-smart-home"))),
        (&stays, vec![("y", "other"), ("x", SKILL)], Ok(fits("x"))),
        (&stays, vec![("y", "other")], Ok(Found::Nothing)),
        (&stays, vec![], Ok(Found::Nothing)),
        (&about_all, vec![("x", SKILL)], Ok(Found::Nothing)),
        (&moves, vec![("y", "other"), ("x", SKILL)], Ok(fits("x"))),
        (&moves, vec![("y", "other")], Err("there is none")),
        (
            &moves,
            vec![("alexa-smart-home", SKILL)],
            Err("aws lambda remove-permission --function-name haaska"),
        ),
    ] {
        let text = statements(&found);
        match (policy::find(&text, wanted), expected) {
            (Found::Unfit(why), Err(expected)) => assert!(why.contains(expected), "{why}"),
            (found, Ok(expected)) => assert_eq!(found, expected, "{text}"),
            (found, Err(expected)) => panic!("{found:?}, expected {expected}"),
        }
    }
    assert_eq!(policy::find("no JSON", &stays), Found::Nothing);
}

/// All of a stack, each with what `find` finds of it.
fn decided(wanted: &Wanted, find: impl Fn(&Thing) -> Found) -> Vec<Decided> {
    let decide = |(declared, thing): (Declared, Thing)| {
        let decision = decide(&declared, &thing, find(&thing));
        Decided { declared, thing, decision }
    };
    of(wanted).into_iter().map(decide).collect()
}

#[test]
fn everything_is_told_with_what_becomes_of_it() {
    let there = decided(&Wanted::default(), |thing| {
        let absent =
            matches!(thing, Thing::Role(_) | Thing::Url(_) | Thing::OidcProvider(_) | Thing::AnySkill);
        if absent { Found::Nothing } else { Found::Fits(None) }
    });
    assert_eq!(words::refused(&there), None);
    insta::assert_snapshot!(words::report("prod", ACCOUNT, "eu-west-1", &there));
}

fn moved(thing: &Thing) -> Option<&Permission> {
    if let Thing::Permission(permission) = thing { Some(permission).filter(|one| one.moves) } else { None }
}

#[test]
fn everything_that_stands_in_the_way_is_told_at_once() {
    let wanted = Wanted { bridge_trigger: Some("old".into()), ..Wanted::default() };
    let key = vec![("id".to_owned(), "S".to_owned())];
    let table = Description { key, ..Description::default() };
    let there = decided(&wanted, |thing| {
        let found = [
            matches!(thing, Thing::Role(_)).then(|| fit::role("/service-role/")),
            matches!(thing, Thing::Function(_)).then(|| fit::function("Zip")),
            matches!(thing, Thing::Table(_)).then(|| fit::table(&table)),
            matches!(thing, Thing::OidcProvider(_)).then(fit::shared),
            moved(thing).map(|permission| policy::find("", permission)),
        ];
        found.into_iter().flatten().next().unwrap_or(Found::Fits(None))
    });
    insta::assert_snapshot!(words::refused(&there).expect("five"));
}

#[test]
fn what_the_stack_has_stays_as_it_is() {
    let preview = preview(SKILL);
    let mut trigger = preview.named("bridgeAlexaPermission").expect("declared").clone();
    trigger.is_ours = true;
    let mut permission = Permission {
        function: "old".into(),
        statement: "alexa-smart-home".into(),
        skill: Some(SKILL.into()),
        moves: false,
    };
    let ours = decide(&trigger, &Thing::Permission(permission.clone()), Found::Nothing);
    assert_eq!(ours, Decision::Ours);
    permission.moves = true;
    let told = decide(&trigger, &Thing::Permission(permission), Found::Nothing);
    let Decision::Refused { why, advice } = told else { panic!("{told:?}") };
    assert!(why.contains("already") && advice.contains("remove-permission --function-name old"), "{advice}");
}

#[tokio::test]
async fn an_account_is_asked_for_each_thing() {
    let aws = FakeAws::start(&[("/porch/prod/bridge/key", "SecureString", "made-up")], "").await;
    let client = || Client::new(aws.access(), Kept::Not, SystemTime::now).expect("a client");
    let account = Account::new(client(), ACCOUNT);
    let things: Vec<Thing> = of(&Wanted::default()).into_iter().map(|(_, thing)| thing).collect();
    for thing in things.iter().filter(|thing| !matches!(thing, Thing::Parameter(_))) {
        assert_eq!(account.look(thing).await.expect("an answer"), Found::Nothing, "{}", thing.told());
    }
    aws.make_repository("alexa/bridge");
    aws.make_log_group("/aws/lambda/haaska");
    aws.make_role("alexa", "/");
    let policy = serde_json::from_str(&statements(&[("x", SKILL)])).expect("JSON");
    aws.make_function("haaska", "Image", Some(policy), false);
    let url = json!({"Statement": [{"Sid": "url"}]});
    aws.make_function("porch-prod-linking", "Image", Some(url), true);
    aws.make_schedule("porch-prod-warm-schedule");
    aws.make_table("grants", "user");
    aws.make_user("porch-prod-doorbell-1");
    aws.make_arn("arn:aws:iam::123456789012:policy/porch-prod-boundary");
    aws.make_arn("arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com");
    for thing in &things {
        let found = account.look(thing).await.expect("an answer");
        let is_shared = matches!(thing, Thing::OidcProvider(_) | Thing::AnySkill);
        assert_eq!(matches!(found, Found::Fits(_)), !is_shared, "{}: {found:?}", thing.told());
    }
    aws.deny("GetRole");
    let told = account.look(&Thing::Role("alexa".into())).await.expect_err("a refusal").to_string();
    assert!(told.contains("the role alexa") && told.contains("may these credentials do that?"), "{told}");
}

#[test]
fn a_preview_that_is_none_is_told() {
    for text in ["", "[]", "{}", r#"{"config": {}, "steps": []}"#] {
        assert!(Preview::read(text).is_err(), "{text}");
    }
}
