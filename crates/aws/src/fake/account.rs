//! What somebody has made in an account: repositories, roles and users, functions and their logs. It only tells of them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use http::StatusCode;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::{Refusal, State};

/// All of it, by name.
#[derive(Debug, Default)]
pub(super) struct Account {
    pub(super) repositories: BTreeSet<String>,
    /// With their paths.
    pub(super) roles: BTreeMap<String, String>,
    pub(super) users: BTreeSet<String>,
    /// ARNs of managed policies and of identity providers.
    pub(super) arns: BTreeSet<String>,
    pub(super) schedules: BTreeSet<String>,
    pub(super) functions: BTreeMap<String, Function>,
    pub(super) log_groups: BTreeSet<String>,
}

#[derive(Debug)]
pub(super) struct Function {
    pub(super) package_type: String,
    /// Who may call it; none if nobody may.
    pub(super) policy: Option<Value>,
    pub(super) has_url: bool,
}

/// ECR.
pub(super) fn repositories(state: &State, target: &str, body: &str) -> Result<Value, Refusal> {
    let operation = target.strip_prefix("AmazonEC2ContainerRegistry_V20150921.").unwrap_or_default();
    let wanted = wanted(state, operation, "DescribeRepositories", body)?;
    let name = wanted["repositoryNames"][0].as_str().unwrap_or_default();
    if state.account.repositories.contains(name) {
        return Ok(json!({ "repositories": [{ "repositoryName": name }] }));
    }
    Err(Refusal::Absent("RepositoryNotFoundException", format!("The repository with name '{name}'")))
}

/// CloudWatch.
pub(super) fn log_groups(state: &State, target: &str, body: &str) -> Result<Value, Refusal> {
    let operation = target.strip_prefix("Logs_20140328.").unwrap_or_default();
    let wanted = wanted(state, operation, "DescribeLogGroups", body)?;
    let prefix = wanted["logGroupNamePrefix"].as_str().unwrap_or_default();
    let all = state.account.log_groups.iter().filter(|name| name.starts_with(prefix));
    let groups: Vec<Value> = all.map(|name| json!({ "logGroupName": name })).collect();
    Ok(json!({ "logGroups": groups }))
}

fn wanted(state: &State, operation: &str, known: &str, body: &str) -> Result<Value, Refusal> {
    if operation != known || state.denied.iter().any(|what| what == operation) {
        return Err(Refusal::Denied(operation.to_owned()));
    }
    serde_json::from_str(body).map_err(|error| Refusal::Invalid(error.to_string()))
}

/// IAM.
pub(super) fn principals(state: &State, body: &str) -> (StatusCode, String) {
    let form: HashMap<String, String> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    assert_eq!(field("Version"), "2010-05-08");
    let operation = field("Action");
    let refused = |status, code: &str, said: &str| {
        let error = format!("<Error><Type>Sender</Type><Code>{code}</Code><Message>{said}</Message></Error>");
        (status, format!("<ErrorResponse>{error}</ErrorResponse>"))
    };
    if state.denied.iter().any(|what| what == operation) {
        return refused(StatusCode::FORBIDDEN, "AccessDenied", "not authorized");
    }
    let found = match operation {
        "GetRole" => {
            let name = field("RoleName");
            let path = state.account.roles.get(name);
            path.map(|path| format!("<Role><Path>{path}</Path><RoleName>{name}</RoleName></Role>"))
        }
        "GetUser" => {
            let name = state.account.users.get(field("UserName"));
            name.map(|name| format!("<User><Path>/</Path><UserName>{name}</UserName></User>"))
        }
        "GetPolicy" | "GetOpenIDConnectProvider" => {
            let arn = form.get("PolicyArn").or(form.get("OpenIDConnectProviderArn"));
            arn.and_then(|arn| state.account.arns.get(arn)).map(|arn| format!("<Arn>{arn}</Arn>"))
        }
        _ => return refused(StatusCode::BAD_REQUEST, "InvalidAction", operation),
    };
    match found {
        Some(found) => (StatusCode::OK, format!("<{operation}Response>{found}</{operation}Response>")),
        None => refused(StatusCode::NOT_FOUND, "NoSuchEntity", "cannot be found"),
    }
}

/// Lambda, of which everything is a GET.
pub(super) fn functions(state: &State, path: &str) -> (StatusCode, String) {
    let absent = || {
        let said = json!({ "Type": "User", "Message": format!("Function not found: {path}") });
        (StatusCode::NOT_FOUND, said.to_string())
    };
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let ["2015-03-31" | "2021-10-31", "functions", name, of] = parts[..] else { return absent() };
    let Some(function) = state.account.functions.get(name) else { return absent() };
    let told = match of {
        "configuration" => Some(json!({ "FunctionName": name, "PackageType": function.package_type })),
        "policy" => function.policy.as_ref().map(|policy| json!({ "Policy": policy.to_string() })),
        "url" => function.has_url.then(|| json!({ "AuthType": "NONE" })),
        _ => None,
    };
    told.map_or_else(absent, |told| (StatusCode::OK, told.to_string()))
}

/// The scheduler, of which everything is a GET too.
pub(super) fn schedules(state: &State, path: &str) -> (StatusCode, String) {
    match path.strip_prefix("/schedules/").filter(|name| state.account.schedules.contains(*name)) {
        Some(name) => (StatusCode::OK, json!({ "Name": name, "GroupName": "default" }).to_string()),
        None => (StatusCode::NOT_FOUND, json!({ "Message": "Schedule does not exist." }).to_string()),
    }
}
