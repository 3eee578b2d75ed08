//! Signing in: the first user, passwords, guesses, and coming back with a refresh token.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::client::run;
use crate::support::pair::Pair;
use crate::support::server::{Server, Setup};
use crate::support::visitor::{PASSWORD, Visitor, code_of};

const SET_UP: &str = "mutation ($token: String!, $password: String!) {
    setUp(token: $token, username: \"Ada\", password: $password, refreshToken: true) {
        accessToken refreshToken user { username role } } }";

const REFRESH: &str = "mutation ($token: String) {
    refresh(token: $token) { accessToken refreshToken user { username } } }";

/// A server on this database whose configuration names no password.
fn without_password(pair: &Pair) -> Setup {
    pair.role("serve").without("ADMIN_PASSWORD")
}

#[tokio::test]
async fn the_first_start_makes_the_admin_and_later_ones_change_nothing() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    let me = server.query("{ me { username role disabled scope } }", json!({})).await;
    let admin = json!({ "username": "admin", "role": "ADMIN", "disabled": false, "scope": null });
    assert_eq!(me["me"], admin);
    assert!(server.terminate().await.success());

    let server = pair.role("serve").with("ADMIN_PASSWORD", "another one").start().await;
    assert!(server.visitor().sign_in("admin", "another one").await.is_err());
    assert!(server.visitor().sign_in("admin", Server::ADMIN_PASSWORD).await.is_ok());
}

#[tokio::test]
async fn the_password_of_the_admin_may_stand_in_a_file() {
    let pair = Pair::memory_sqlite().await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, "from a file\n").unwrap();
    let path = file.path().display();
    let server = without_password(&pair).with("ADMIN_PASSWORD_FILE", path).start().await;
    assert!(server.visitor().sign_in("admin", "from a file").await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_password_a_link_that_is_good_once_makes_the_admin() {
    let pair = Pair::memory_sqlite().await;
    let server = without_password(&pair).start().await;
    let link = server.said("set-up ");
    let token = link.strip_prefix(&format!("http://{}/setup?token=", server.http)).expect("a URL");
    assert!(token.len() >= 22, "at least 128 bits: {token}");
    let visitor = server.visitor();
    let set_up = async |token: &str, password: &str| {
        visitor.ask(SET_UP, json!({ "token": token, "password": password })).await.unwrap()
    };

    // Neither a wrong token nor a bad password uses it up, and nobody else gets in.
    assert_eq!(code_of(&set_up("nonsense", PASSWORD).await), "UNAUTHENTICATED");
    assert_eq!(code_of(&set_up(token, "short").await), "BAD_USER_INPUT");
    assert_eq!(visitor.code("{ logs { edges { cursor } } }", json!({})).await, "UNAUTHENTICATED");

    let tries = futures_util::future::join_all((0..5).map(|_| set_up(token, PASSWORD))).await;
    let made: Vec<_> = tries.iter().filter(|answer| code_of(answer) == "OK").collect();
    assert_eq!(made.len(), 1, "{tries:?}");
    let session = &made[0]["data"]["setUp"];
    assert_eq!(session["user"], json!({ "username": "ada", "role": "ADMIN" }));
    let ada = visitor.with_session(session).unwrap();
    assert_eq!(ada.code("{ users { edges { node { id } } } }", json!({})).await, "OK");
    assert_eq!(code_of(&set_up(token, PASSWORD).await), "UNAUTHENTICATED");
    assert!(!server.log().contains(token), "a link that was good does not stand in the log");
    assert!(visitor.sign_in("ada", PASSWORD).await.is_ok());
    assert!(server.terminate().await.success());

    let server = without_password(&pair).start().await;
    assert!(server.last_words().iter().all(|line| !line.starts_with("set-up")));
}

#[tokio::test]
async fn a_link_that_nobody_used_is_replaced_by_the_next_start() {
    let pair = Pair::memory_sqlite().await;
    let mut links = Vec::new();
    for _ in 0..2 {
        let server = without_password(&pair).start().await;
        links.push(server.said("set-up ").rsplit_once('=').unwrap().1.to_owned());
        assert!(server.terminate().await.success());
    }
    let server = without_password(&pair).start().await;
    links.push(server.said("set-up ").rsplit_once('=').unwrap().1.to_owned());
    for (n, token) in links.iter().enumerate() {
        let variables = json!({ "token": token, "password": PASSWORD });
        let code = server.visitor().code(SET_UP, variables).await;
        assert_eq!(code, if n == 2 { "OK" } else { "UNAUTHENTICATED" });
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_get_the_same_answer() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    let disabled = server.admin().await.add_user("dora", "VIEWER", Value::Null).await.id().await;
    let disable = "mutation ($id: ID!) { changeUser(id: $id, input: { disabled: true }) { id } }";
    server.query(disable, json!({ "id": disabled })).await;

    let mut answers = Vec::new();
    for (username, password) in
        [("admin", "not this one"), ("nobody", "not this one"), ("dora", PASSWORD), ("a b", "x")]
    {
        let login = format!(
            "mutation {{ login(username: \"{username}\", password: \"{password}\") {{ accessToken }} }}"
        );
        let request = server.visitor().post(&json!({ "query": login }));
        let answer = request.send().await.unwrap();
        let status = answer.status();
        assert!(answer.headers().get("set-cookie").is_none(), "{username}");
        answers.push((status, answer.json::<Value>().await.unwrap()));
    }
    assert_eq!(code_of(&answers[0].1), "UNAUTHENTICATED");
    for answer in &answers[1..] {
        assert_eq!(*answer, answers[0]);
    }
}

#[tokio::test]
async fn guesses_are_slowed_down_one_by_one_and_the_right_password_is_not_locked_out() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    let visitor = server.visitor();
    let guesses: String = (0..20)
        .map(|n| {
            format!("g{n}: login(username: \"admin\", password: \"guess {n}\") {{ expiresAt }} ")
        })
        .collect();
    let answer = visitor.ask(&format!("mutation {{ {guesses} }}"), json!({})).await.unwrap();
    let errors = answer["errors"].as_array().expect("errors");
    assert_eq!(errors.len(), 20, "{answer}");
    let codes: Vec<_> = errors.iter().map(|e| e["extensions"]["code"].as_str().unwrap()).collect();
    assert_eq!(codes[0], "UNAUTHENTICATED", "{codes:?}");
    let slowed = codes.iter().filter(|code| **code == "TOO_MANY_ATTEMPTS").count();
    assert!(slowed >= 10, "aliases count one by one: {codes:?}");

    // The right password, too, waits for its turn, and then it is let in.
    let began = Instant::now();
    let login = "mutation ($password: String!) {
        login(username: \"admin\", password: $password) { accessToken } }";
    loop {
        let password = json!({ "password": Server::ADMIN_PASSWORD });
        let answer = visitor.ask(login, password).await.unwrap();
        if code_of(&answer) == "OK" {
            break;
        }
        let extensions = &answer["errors"][0]["extensions"];
        assert_eq!(extensions["code"], "TOO_MANY_ATTEMPTS", "{answer}");
        let wait = extensions["retryAfter"].as_f64().expect("seconds");
        assert!(began.elapsed() < Duration::from_secs(30) && wait <= 60.0, "{answer}");
        tokio::time::sleep(Duration::from_secs_f64(wait)).await;
    }
}

#[tokio::test]
async fn an_address_is_taken_from_a_proxy_only_when_it_is_trusted() {
    let guess = "mutation ($name: String!) { login(username: $name, password: \"wrong one\") { expiresAt } }";
    // Each guess names another account and another address.
    let guess_from_everywhere = async |server: &Server| {
        let mut codes = Vec::new();
        for n in 0..60 {
            let body = json!({ "query": guess, "variables": { "name": format!("user-{n}") } });
            let request = server.visitor().post(&body);
            let request = request.header("x-forwarded-for", format!("203.0.113.{n}"));
            let answer: Value = request.send().await.unwrap().json().await.unwrap();
            codes.push(code_of(&answer));
        }
        codes
    };
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    let codes = guess_from_everywhere(&server).await;
    assert!(codes.contains(&"TOO_MANY_ATTEMPTS".to_owned()), "one address after all: {codes:?}");
    let code = server.terminate().await;
    assert!(code.success());

    let server = pair.role("serve").with("TRUSTED_PROXIES", "127.0.0.0/8").start().await;
    let codes = guess_from_everywhere(&server).await;
    assert!(codes.iter().all(|code| code == "UNAUTHENTICATED"), "sixty addresses: {codes:?}");
}

/// The `Set-Cookie` of an answer, whose body has no refresh token.
async fn cookie(request: reqwest::RequestBuilder, field: &str) -> (String, Value) {
    let answer = request.send().await.unwrap();
    let cookie = answer.headers().get("set-cookie").expect("a cookie").to_str().unwrap().to_owned();
    let body: Value = answer.json().await.unwrap();
    let session = body["data"][field].clone();
    assert!(session["accessToken"].is_string() && session["refreshToken"].is_null(), "{body}");
    (cookie, session)
}

#[tokio::test]
async fn a_browser_comes_back_by_its_cookie() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    let visitor = server.visitor();
    let login = "mutation ($password: String!) {
        login(username: \"admin\", password: $password) { accessToken refreshToken } }";
    let body = json!({ "query": login, "variables": { "password": Server::ADMIN_PASSWORD } });
    let (set, _) = cookie(visitor.post(&body), "login").await;
    let attributes: Vec<&str> = set.split("; ").skip(1).collect();
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/graphql"] {
        assert!(attributes.contains(&attribute), "{set}");
    }
    assert!(set.contains("Max-Age=") && !set.contains("Secure"), "{set}");
    let first = set.split(';').next().unwrap().to_owned();
    assert!(first.starts_with("tailwater_refresh="), "{set}");

    let refresh = json!({ "query": "mutation { refresh { accessToken refreshToken } }" });
    let with = |cookie: &str| visitor.post(&refresh).header("cookie", cookie.to_owned());
    let (set, renewed) = cookie(with(&format!("theme=dark; {first}")), "refresh").await;
    let second = set.split(';').next().unwrap().to_owned();
    assert_ne!(second, first);
    // Signing out takes the cookie back.
    let browser = visitor.with_session(&renewed).unwrap();
    let out = browser.post(&json!({ "query": "mutation { logout }" })).header("cookie", &second);
    let answer = out.send().await.unwrap();
    let gone = answer.headers()["set-cookie"].to_str().unwrap();
    assert!(gone.starts_with("tailwater_refresh=;") && gone.contains("Max-Age=0"), "{gone}");
    let answer: Value = with(&second).send().await.unwrap().json().await.unwrap();
    assert_eq!(code_of(&answer), "UNAUTHENTICATED");
}

#[tokio::test]
async fn the_cookie_goes_over_tls_only_when_the_public_url_is_https() {
    let pair = Pair::memory_sqlite().await;
    let setup = pair.role("serve").with("PUBLIC_URL", "https://logs.example");
    let server = setup.start().await;
    let login = format!(
        "mutation {{ login(username: \"admin\", password: \"{}\") {{ accessToken refreshToken }} }}",
        Server::ADMIN_PASSWORD
    );
    let (set, _) = cookie(server.visitor().post(&json!({ "query": login })), "login").await;
    assert!(set.split("; ").any(|attribute| attribute == "Secure"), "{set}");
}

async fn refreshed(visitor: &Visitor, token: &str) -> Value {
    visitor.visitor().ask(REFRESH, json!({ "token": token })).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refreshes_that_race_all_succeed_and_the_session_goes_on() {
    for pair in [Pair::memory_sqlite().await, Pair::memory_postgres().await] {
        let server = pair.role("serve").start().await;
        let ada = server.admin().await.add_user("ada", "VIEWER", Value::Null).await;
        let token = ada.refresh_token.clone().unwrap();
        let races = (0..8).map(|_| refreshed(&ada, &token));
        let answers = futures_util::future::join_all(races).await;
        let mut tokens = std::collections::BTreeSet::from([token]);
        for answer in &answers {
            assert_eq!(code_of(answer), "OK", "{answer}");
            let session = &answer["data"]["refresh"];
            assert_eq!(session["user"]["username"], "ada");
            let renewed = ada.with_session(session).unwrap();
            assert_eq!(renewed.code("{ me { id } }", json!({})).await, "OK");
            tokens.insert(renewed.refresh_token.unwrap());
        }
        assert_eq!(tokens.len(), 9, "each got a successor of its own");
        let sessions = ada.query("{ sessions { id } }", json!({})).await;
        assert_eq!(sessions["sessions"].as_array().unwrap().len(), 1, "it is one session");
    }
}

#[tokio::test]
async fn a_refresh_token_used_again_later_ends_the_session() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    let ada = server.admin().await.add_user("ada", "VIEWER", Value::Null).await;
    let stolen = ada.refresh_token.clone().unwrap();
    let first = refreshed(&ada, &stolen).await["data"]["refresh"].clone();
    let ours = ada.with_session(&first).unwrap();
    let mut tail = ours.tail("").await;
    tail.batch().await;
    // Ten seconds are for a lost answer and a second tab. This one comes later.
    tokio::time::sleep(Duration::from_millis(10_100)).await;
    assert_eq!(code_of(&refreshed(&ada, &stolen).await), "UNAUTHENTICATED");
    assert_eq!(tail.closed().await, 4403);
    assert_eq!(ours.code("{ me { id } }", json!({})).await, "UNAUTHENTICATED");
    let answer = refreshed(&ada, ours.refresh_token.as_deref().unwrap()).await;
    assert_eq!(code_of(&answer), "UNAUTHENTICATED", "the successor went with the session");
    let audit = "{ audit(first: 20) { edges { node { actor action outcome } } } }";
    let audit = server.query(audit, json!({})).await.to_string();
    assert!(audit.contains("refresh"), "the audit log tells of it: {audit}");
}

#[tokio::test]
async fn a_refresh_token_that_is_none_is_refused() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    let admin = server.admin().await;
    for token in ["", "nonsense", "\0", &"x".repeat(10_000), admin.token.as_deref().unwrap()] {
        assert_eq!(code_of(&refreshed(&admin, token).await), "UNAUTHENTICATED", "{token:.20}");
    }
    let code = server.visitor().code("mutation { refresh { expiresAt } }", json!({})).await;
    assert_eq!(code, "UNAUTHENTICATED", "no token and no cookie");
}

#[tokio::test]
async fn a_password_is_8_to_256_characters_and_never_cut() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    let create = "mutation ($name: String!, $password: String!) {
        createUser(input: { username: $name, password: $password, role: VIEWER }) { id } }";
    let long = |n: usize| "ä".repeat(n);
    for (n, (password, code)) in [
        (long(7), "BAD_USER_INPUT"),
        (long(257), "BAD_USER_INPUT"),
        (long(8), "OK"),
        (long(256), "OK"),
        ("pass\0word".to_owned(), "BAD_USER_INPUT"),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("user-{n}");
        let variables = json!({ "name": name, "password": password });
        let answer = server.ask(create, variables).await.unwrap();
        assert_eq!(code_of(&answer), code, "{n}: {answer}");
        if code == "OK" {
            let visitor = server.visitor();
            let almost: String = password.chars().take(password.chars().count() - 1).collect();
            assert!(visitor.sign_in(&name, &almost).await.is_err(), "{n}: it is not cut");
            visitor.sign_in(&name, &password).await.unwrap();
        }
    }
}

#[tokio::test]
async fn users_are_managed_on_the_database_too() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    let list = run(["user", "list", "--database-url", &pair.database_url]);
    assert_eq!(list.code, Some(0), "{}", list.stderr);
    assert!(list.stdout.iter().any(|line| line.contains("admin")), "{list:?}");
    let refused = run(["user", "remove", "admin", "--database-url", &pair.database_url]);
    assert_ne!(refused.code, Some(0), "the last admin stays");
    assert!(refused.stderr.contains("admin"), "{}", refused.stderr);
    assert_eq!(server.query("{ me { username } }", json!({})).await["me"]["username"], "admin");
}
