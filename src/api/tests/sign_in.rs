//! Signing in and going on: what the answer carries, and what the cookie does.

use async_graphql::{Request, Variables};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::code;
use crate::api::fixture::{Fixture, PASSWORD, asker, nobody, peer, read};
use crate::api::{Answer, Asker, Cookies};
use crate::user::Role;

const LOGIN: &str = "mutation($p: String!, $told: Boolean) {
    login(username: \"admin\", password: $p, refreshToken: $told) {
      accessToken expiresAt refreshToken refreshExpiresAt user { username role } } }";

/// A browser, with the refresh token that it keeps.
fn browser(refresh_token: Option<&str>) -> Asker {
    Asker {
        refresh_cookie: refresh_token.map(SecretString::from),
        cookies: Some(Cookies { secure: true }),
        ..nobody()
    }
}

async fn answer(fixture: &Fixture, who: &Asker, query: &str, variables: Value) -> Answer {
    let request = Request::new(query).variables(Variables::from_json(variables));
    fixture.schema.answer(request, who.clone()).await
}

/// The value of the one cookie that an answer sets, and whether it is set at all.
fn cookie(answer: &Answer) -> Option<String> {
    let set: Vec<&str> = answer
        .response()
        .http_headers
        .get_all("set-cookie")
        .iter()
        .map(|value| value.to_str().unwrap())
        .collect();
    let set = match set[..] {
        [] => return None,
        [one] => one,
        _ => panic!("several cookies: {set:?}"),
    };
    assert!(set.contains("; HttpOnly; SameSite=Strict; Path=/graphql; Max-Age="), "{set}");
    assert!(set.ends_with("; Secure"), "{set}");
    let value = set.strip_prefix("tailwater_refresh=").unwrap();
    Some(value.split(';').next().unwrap().to_owned())
}

#[tokio::test]
async fn a_browser_gets_a_cookie_and_no_script_sees_the_refresh_token() {
    let fixture = Fixture::with_records(0).await;
    let login = answer(&fixture, &browser(None), LOGIN, json!({ "p": PASSWORD })).await;
    let token = cookie(&login).unwrap();
    let session = read(&login)["data"]["login"].take();
    assert_eq!(session["refreshToken"], Value::Null);
    assert_eq!(session["user"], json!({ "username": "admin", "role": "ADMIN" }));

    let refresh = "mutation { refresh { accessToken refreshToken } }";
    let refreshed = answer(&fixture, &browser(Some(&token)), refresh, json!({})).await;
    let next = cookie(&refreshed).unwrap();
    assert_ne!(next, token);
    let session = read(&refreshed)["data"]["refresh"].take();
    assert_eq!(session["refreshToken"], Value::Null);

    let bearer = session["accessToken"].as_str().unwrap();
    let caller = fixture.schema.auth().authenticate(bearer, peer()).await.unwrap();
    let signed_in = Asker { caller, ..browser(Some(&next)) };
    let logout = answer(&fixture, &signed_in, "mutation { logout }", json!({})).await;
    assert_eq!(cookie(&logout).as_deref(), Some(""));
    let over = answer(&fixture, &browser(Some(&next)), refresh, json!({})).await;
    assert_eq!(cookie(&over).as_deref(), Some(""), "what is good no more is taken away");
    assert_eq!(code(&read(&over)), "UNAUTHENTICATED");
}

#[tokio::test]
async fn a_program_gets_the_refresh_token_in_the_answer_when_it_asks() {
    let fixture = Fixture::with_records(0).await;
    for who in [nobody(), browser(None)] {
        let told = json!({ "p": PASSWORD, "told": true });
        let login = answer(&fixture, &who, LOGIN, told).await;
        assert_eq!(cookie(&login), None);
        let token = read(&login)["data"]["login"]["refreshToken"].take();
        let refresh = "mutation($token: String) { refresh(token: $token) { refreshToken } }";
        let refreshed = answer(&fixture, &who, refresh, json!({ "token": token })).await;
        assert_eq!(cookie(&refreshed), None);
        assert!(read(&refreshed)["data"]["refresh"]["refreshToken"].is_string());
    }
    let login = answer(&fixture, &nobody(), LOGIN, json!({ "p": PASSWORD })).await;
    assert_eq!(read(&login)["data"]["login"]["refreshToken"], Value::Null);
}

#[tokio::test]
async fn a_cookie_is_not_used_up_where_the_next_cannot_be_set() {
    let fixture = Fixture::with_records(0).await;
    let login = answer(&fixture, &browser(None), LOGIN, json!({ "p": PASSWORD })).await;
    let token = cookie(&login).unwrap();
    let socket = Asker { cookies: None, ..browser(Some(&token)) };
    let refresh = "mutation { refresh { accessToken } }";
    let refused = answer(&fixture, &socket, refresh, json!({})).await;
    assert_eq!(code(&read(&refused)), "BAD_USER_INPUT");
    let refreshed = answer(&fixture, &browser(Some(&token)), refresh, json!({})).await;
    assert!(cookie(&refreshed).is_some());
}

#[tokio::test]
async fn who_the_username_or_the_password_is_wrong_for_is_not_told() {
    let fixture = Fixture::with_records(0).await;
    fixture.user("ada", Role::Viewer, Value::Null).await;
    let login =
        "mutation($u: String!) { login(username: $u, password: \"wrong one\") { expiresAt } }";
    let known = fixture.ask_as(&nobody(), login, json!({ "u": "ada" })).await;
    assert_eq!(code(&known), "UNAUTHENTICATED");
    assert_eq!(known["data"], json!({ "login": null }));
    for unknown in ["eve", "a b", "", "\u{0}", &"x".repeat(10_000)] {
        let answer = fixture.ask_as(&nobody(), login, json!({ "u": unknown })).await;
        assert_eq!(answer, known, "{unknown:?}");
    }
}

#[tokio::test]
async fn guesses_under_many_aliases_count_one_by_one() {
    let fixture = Fixture::with_records(0).await;
    fixture.user("ada", Role::Viewer, Value::Null).await;
    let guess =
        |n| format!("a{n}: login(username: \"ada\", password: \"guess {n}\") {{ expiresAt }} ");
    let guesses: String = (0..20).map(guess).collect();
    let answer = fixture.ask_as(&nobody(), &format!("mutation {{ {guesses} }}"), json!({})).await;
    let codes: Vec<&str> = answer["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["extensions"]["code"].as_str().unwrap())
        .collect();
    let wrong = codes.iter().filter(|code| **code == "UNAUTHENTICATED").count();
    let held = codes.iter().filter(|code| **code == "TOO_MANY_ATTEMPTS").count();
    assert!(wrong > 0 && held > 0 && wrong + held == 20, "{codes:?}");
    let last = &answer["errors"][19]["extensions"];
    assert!(last["retryAfter"].as_u64().unwrap() >= 1, "{last}");
}

#[tokio::test]
async fn set_up_is_closed_once_there_is_a_user() {
    let fixture = Fixture::with_records(0).await;
    let set_up = format!(
        "mutation {{ setUp(token: \"x\", username: \"eve\", password: \"{PASSWORD}\") {{ expiresAt }} }}"
    );
    let answer = fixture.ask_as(&nobody(), &set_up, json!({})).await;
    assert_eq!(answer["data"], json!({ "setUp": null }));
    assert_ne!(code(&answer), "INTERNAL");
    let users = fixture.data("{ users { edges { node { username } } } }").await;
    assert_eq!(users["users"]["edges"], json!([{ "node": { "username": "admin" } }]));
}

#[tokio::test]
async fn a_caller_is_who_signed_in() {
    let fixture = Fixture::with_records(0).await;
    let ada = fixture.user("ada", Role::Viewer, Value::Null).await;
    let me = fixture.data_as(&asker(ada.caller.clone()), "{ me { username role scope } }").await;
    assert_eq!(me["me"], json!({ "username": "ada", "role": "VIEWER", "scope": null }));
    let sessions = fixture.data_as(&ada, "{ sessions { current address userAgent } }").await;
    let here = json!({ "current": true, "address": "192.0.2.7", "userAgent": "test" });
    assert_eq!(sessions["sessions"], json!([here]));
}
