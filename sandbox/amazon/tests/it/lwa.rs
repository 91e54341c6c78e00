use std::time::Duration;

use fake_amazon::Host;
use http::Request;
use serde_json::{Value, json};

use crate::play::{
    CLIENT, PROFILE, PROFILE_SECRET, Play, RETURN_URL, SECRET, SKILL, body, form, header, post, status,
};

/// Checks that a request for tokens is refused with this status and code.
#[track_caller]
fn check_refused(play: &mut Play, request: &Request<bytes::Bytes>, wanted: (u16, &str)) {
    let reply = play.send(Host::Login, request);
    assert_eq!((status(&reply), reply.answer.error.unwrap()), wanted);
    match wanted {
        (500, _) => assert_eq!(body(&reply), json!({})),
        (_, code) => {
            assert_eq!(body(&reply)["error"], code);
            assert!(body(&reply)["error_description"].is_string());
        }
    }
    assert_eq!(header(&reply, "content-type"), "application/json;charset=UTF-8");
}

#[test]
fn a_code_is_exchanged_once_for_tokens_as_documented() {
    let mut play = Play::new();
    let code = play.code();
    let reply = play.exchange(&code);
    let tokens = body(&reply);
    assert_eq!(status(&reply), 200);
    assert_eq!(header(&reply, "content-type"), "application/json;charset=UTF-8");
    assert_eq!(header(&reply, "cache-control"), "no-cache, no-store, must-revalidate");
    assert_eq!(header(&reply, "pragma"), "no-cache");
    assert!(!header(&reply, "x-amzn-requestid").is_empty());
    assert_eq!(tokens.as_object().unwrap().len(), 4);
    assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("bearer"), &json!(3600)));
    for (name, prefix) in [("access_token", "Atza|"), ("refresh_token", "Atzr|")] {
        let token = tokens[name].as_str().unwrap();
        assert!(token.starts_with(prefix) && (350..=2048).contains(&token.len()), "{name}");
    }

    let again = play.exchange(&code);
    let text = std::str::from_utf8(again.answer.response.body()).unwrap();
    assert_eq!((status(&again), text.len()), (400, 97), "{text}");
    assert!(header(&again, "x-amzn-errortype").starts_with("OA2InvalidGrantException:"));
}

#[test]
fn both_spellings_of_the_path_and_both_kinds_of_body_are_understood() {
    let mut play = Play::new();
    for path in ["/auth/o2/token", "/auth/O2/token"] {
        let fields = json!({
            "grant_type": "authorization_code",
            "code": play.code(),
            "client_id": CLIENT,
            "client_secret": SECRET,
        });
        let reply = play.send(Host::Login, &post(path, "application/json", fields.to_string()));
        assert_eq!(status(&reply), 200);
    }
}

#[test]
fn a_code_dies_after_five_minutes_and_whoever_presents_it() {
    let mut play = Play::new();
    let code = play.code();
    play.wait(Duration::from_secs(299));
    assert_eq!(status(&play.exchange(&code)), 200);
    let code = play.code();
    play.wait(Duration::from_secs(300));
    assert_eq!(body(&play.exchange(&code))["error"], "invalid_grant");

    let code = play.code();
    let stranger = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("client_id", PROFILE),
        ("client_secret", PROFILE_SECRET),
    ];
    check_refused(&mut play, &form(&stranger), (400, "invalid_grant"));
    assert_eq!(body(&play.exchange(&code))["error"], "invalid_grant");
}

#[test]
fn what_is_not_documented_is_refused() {
    let mut play = Play::new();
    let client = [("client_id", CLIENT), ("client_secret", SECRET)];
    let refresh = [("grant_type", "refresh_token"), ("refresh_token", "Atzr|unknown")];
    let with = |fields: &[(&'static str, &'static str)]| [&client[..], fields].concat();
    let cases = [
        (with(&[("grant_type", "password")]), (400, "unsupported_grant_type")),
        (with(&[("grant_type", "authorization_code")]), (400, "invalid_request")),
        (with(&[("grant_type", "refresh_token")]), (400, "invalid_request")),
        (with(&refresh), (400, "invalid_grant")),
        (with(&[&refresh[..], &[("scope", "profile")]].concat()), (400, "invalid_request")),
        (with(&[&refresh[..], &[("redirect_uri", RETURN_URL)]].concat()), (400, "invalid_request")),
        (with(&[&refresh[..], &[("client_id", CLIENT)]].concat()), (400, "invalid_request")),
        (
            [&refresh[..], &[("client_id", CLIENT), ("client_secret", "wrong")]].concat(),
            (401, "invalid_client"),
        ),
        (
            [&refresh[..], &[("client_id", "nobody"), ("client_secret", SECRET)]].concat(),
            (401, "invalid_client"),
        ),
    ];
    for (fields, wanted) in cases {
        check_refused(&mut play, &form(&fields), wanted);
    }
    let text = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(with(&refresh)).finish();
    let kind = "application/x-www-form-urlencoded";
    check_refused(&mut play, &post("/auth/o2/token", "text/plain", text.clone()), (400, "invalid_request"));
    let latin = format!("{kind}; charset=ISO-8859-1");
    check_refused(&mut play, &post("/auth/o2/token", &latin, text.clone()), (400, "invalid_request"));
    let in_query = format!("/auth/o2/token?{text}");
    check_refused(&mut play, &post(&in_query, kind, ""), (500, "InternalFailure"));
}

#[test]
fn what_a_refresh_does_with_the_old_token_can_be_chosen() {
    for (mode, new_one, old_is_good) in
        [("old_stays_good", true, true), ("old_dies", true, false), ("no_new_one", false, true)]
    {
        let mut play = Play::new();
        play.told("PUT", "/refresh-tokens", &json!({"refreshed": mode}));
        let (_, old) = play.grant();
        let answer = body(&play.refresh(&old));
        assert_eq!(answer["refresh_token"].is_string(), new_one, "{mode}");
        assert_ne!(answer["refresh_token"], json!(old), "{mode}");
        assert_eq!(status(&play.refresh(&old)) == 200, old_is_good, "{mode}");
    }
}

#[test]
fn a_grant_that_was_taken_back_cannot_be_refreshed() {
    let mut play = Play::new();
    let (_, refresh_token) = play.grant();
    play.told("POST", "/customers/ann/revoke", &json!({"client_id": PROFILE}));
    assert_eq!(status(&play.refresh(&refresh_token)), 200);
    play.told("POST", "/customers/ann/revoke", &json!({"client_id": CLIENT}));
    let reply = play.refresh(&refresh_token);
    assert_eq!(
        body(&reply)["error_description"],
        "The request has an invalid grant parameter : refresh_token. User may have revoked or didn't grant the \
         permission."
    );
}

/// Login through a browser, as a linked skill does it, with this consent; and what comes of the exchange.
fn log_in(play: &mut Play, scope: &str, verifier: Option<&str>) -> Value {
    // The challenge of RFC 7636, appendix B.
    let challenge = verifier.map(|_| "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    let consent = json!({"scope": scope, "redirect_uri": RETURN_URL, "code_challenge": challenge});
    let path = format!("/customers/ann/security-profiles/{PROFILE}/code");
    let code = play.told("POST", &path, &consent)["code"].as_str().unwrap().to_owned();
    let mut fields = vec![
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", RETURN_URL),
        ("client_id", PROFILE),
        ("client_secret", PROFILE_SECRET),
    ];
    fields.extend(verifier.map(|verifier| ("code_verifier", verifier)));
    body(&play.form(&fields))
}

fn ask_profile(play: &mut Play, query: &str, token: Option<&str>) -> (u16, Value) {
    let mut request =
        Request::builder().uri(format!("/user/profile{query}")).body(bytes::Bytes::new()).unwrap();
    if let Some(token) = token {
        request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    }
    let reply = play.send(Host::Login, &request);
    (status(&reply), body(&reply))
}

#[test]
fn the_profile_is_what_the_scope_allows_and_the_user_id_is_always_the_same() {
    let mut play = Play::new();
    let known = play.told("PUT", "/customers/ann", &json!({"region": "EU"}));
    for (scope, members) in [("profile:user_id", 1), ("profile", 3), ("profile postal_code", 4)] {
        let tokens = log_in(&mut play, scope, None);
        let (status, profile) = ask_profile(&mut play, "", tokens["access_token"].as_str());
        assert_eq!((status, profile.as_object().unwrap().len()), (200, members), "{scope}");
        assert_eq!(profile["user_id"], known["user_id"]);
    }
    assert!(known["user_id"].as_str().unwrap().starts_with("amzn1.account.A"));
}

#[test]
fn the_profile_is_not_for_everybody() {
    let mut play = Play::new();
    let tokens = log_in(&mut play, "profile", Some("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
    let token = tokens["access_token"].as_str().unwrap().to_owned();
    let query = format!("?access_token={}", token.replace('|', "%7C"));
    assert_eq!(ask_profile(&mut play, &query, None).0, 200);
    let (for_events, _) = play.grant();
    let cases = [
        ("", None, (400, "invalid_request")),
        (query.as_str(), Some(token.as_str()), (400, "invalid_request")),
        ("?other=1", Some(&token), (400, "invalid_request")),
        ("", Some("Atza|unknown"), (400, "invalid_token")),
        ("", Some(&for_events), (403, "insufficient_scope")),
    ];
    for (query, token, (wanted, code)) in cases {
        let (status, answer) = ask_profile(&mut play, query, token);
        assert_eq!((status, &answer["error"]), (wanted, &json!(code)));
    }
    play.wait(Duration::from_secs(3600));
    assert_eq!(ask_profile(&mut play, &query, None).1["error"], "invalid_token");
}

#[test]
fn a_browser_s_code_needs_the_same_return_url_and_the_verifier() {
    let mut play = Play::new();
    assert_eq!(log_in(&mut play, "profile", Some("another-verifier"))["error"], "invalid_grant");
    let consent = json!({"scope": "profile", "redirect_uri": RETURN_URL});
    let path = format!("/customers/ann/security-profiles/{PROFILE}/code");
    let code = play.told("POST", &path, &consent)["code"].as_str().unwrap().to_owned();
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("client_id", PROFILE),
        ("client_secret", PROFILE_SECRET),
    ];
    check_refused(&mut play, &form(&fields), (400, "invalid_grant"));
    // And a skill's code came without a browser.
    let code = play.told("POST", &format!("/customers/ann/skills/{SKILL}/code"), &Value::Null)["code"]
        .as_str()
        .unwrap()
        .to_owned();
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", RETURN_URL),
        ("client_id", CLIENT),
        ("client_secret", SECRET),
    ];
    check_refused(&mut play, &form(&fields), (400, "invalid_grant"));
}
