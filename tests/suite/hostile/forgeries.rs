//! Tokens and cursors that we never gave, or that somebody altered: each is refused, over HTTP and
//! over a WebSocket.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::is_well;
use crate::support::pair::Pair;
use crate::support::send_tcp;
use crate::support::server::Server;
use crate::support::visitor::Visitor;

/// The key of the server, which is made known to see what the other checks are worth.
const KEY: &str = "a key that everybody knows and that has more than 32 bytes";

/// A token in its parts.
struct Parts {
    header: Header,
    claims: Value,
}

impl Parts {
    fn of(token: &str) -> Parts {
        let header = jsonwebtoken::decode_header(token).expect("a header");
        let payload = token.split('.').nth(1).expect("claims");
        let payload = URL_SAFE_NO_PAD.decode(payload).expect("base64");
        Parts { header, claims: serde_json::from_slice(&payload).expect("JSON") }
    }

    fn signed(&self, key: &str) -> String {
        let key = EncodingKey::from_secret(key.as_bytes());
        jsonwebtoken::encode(&self.header, &self.claims, &key).expect("a token")
    }

    /// With this claim, signed with the right key.
    fn claiming(&self, name: &str, value: Value) -> String {
        let mut claims = self.claims.clone();
        claims[name] = value;
        Parts { header: self.header.clone(), claims }.signed(KEY)
    }

    fn without(&self, name: &str) -> String {
        let mut claims = self.claims.clone();
        claims.as_object_mut().expect("an object").remove(name);
        Parts { header: self.header.clone(), claims }.signed(KEY)
    }

    /// With this header as it is, signed by nobody.
    fn under(&self, header: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.", part(header), part(&self.claims))
    }

    fn algorithm(&self, algorithm: Algorithm) -> String {
        let header = Header { alg: algorithm, ..self.header.clone() };
        Parts { header, claims: self.claims.clone() }.signed(KEY)
    }

    fn kid(&self, kid: Option<String>) -> String {
        let header = Header { kid, ..self.header.clone() };
        Parts { header, claims: self.claims.clone() }.signed(KEY)
    }
}

/// Refused over HTTP with 401, and over a WebSocket with 4403.
async fn is_refused(visitor: &Visitor, what: &str) {
    let answer = visitor.post(&json!({ "query": "{ me { id } }" })).send().await.unwrap();
    assert_eq!(answer.status(), 401, "{what}");
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{what}: {answer}");
    assert!(answer.get("data").is_none(), "{what}: {answer}");
    let (code, _) = visitor.socket().await.closed().await;
    assert_eq!(code, 4403, "{what}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forged_access_token_is_refused_everywhere() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").with("JWT_SECRET", KEY).start().await;
    let admin = server.admin().await;
    let viewer = admin.add_user("vera", "VIEWER", Value::Null).await;
    let good = viewer.token.clone().unwrap();
    let parts = Parts::of(&good);
    let now = chrono::Utc::now().timestamp();
    assert_eq!(parts.header.alg, Algorithm::HS256);
    for (claim, value) in [("iss", "tailwater"), ("aud", "tailwater-api")] {
        assert_eq!(parts.claims[claim], value);
    }
    let (issued, over) = (&parts.claims["iat"], &parts.claims["exp"]);
    assert_eq!(over.as_i64().unwrap() - issued.as_i64().unwrap(), 600, "ten minutes");
    // The forger's tools work: what is made again as it was is let in.
    let again = viewer.with_token(&parts.signed(KEY));
    assert_eq!(again.code("{ me { username } }", json!({})).await, "OK");

    let mut last = good.clone().into_bytes();
    let place = good.rfind('.').unwrap() + 1;
    last[place] = if last[place] == b'A' { b'B' } else { b'A' };
    let (head, signature) = good.rsplit_once('.').unwrap();
    let other = Parts::of(admin.token.as_deref().unwrap());
    let forgeries = [
        ("no algorithm", parts.under(&json!({ "alg": "none", "typ": "JWT" }))),
        ("no algorithm, in other letters", parts.under(&json!({ "alg": "nOnE", "typ": "JWT" }))),
        ("no algorithm under our kid", {
            parts.under(&json!({ "alg": "none", "typ": "JWT", "kid": parts.header.kid }))
        }),
        ("no algorithm, with the signature of another", {
            parts.under(&json!({ "alg": "none" })) + signature
        }),
        ("no signature", format!("{head}.")),
        ("half a signature", format!("{head}.{}", &signature[..20])),
        ("another signature", String::from_utf8(last).unwrap()),
        ("another key", parts.signed("another key, also of more than 32 bytes")),
        ("an empty key", parts.signed("")),
        ("HS384", parts.algorithm(Algorithm::HS384)),
        ("HS512", parts.algorithm(Algorithm::HS512)),
        ("the claims of another", {
            let claims = admin.token.as_deref().unwrap().split('.').nth(1).unwrap();
            let [header, _, signature] = good.split('.').collect::<Vec<_>>()[..] else { panic!() };
            format!("{header}.{claims}.{signature}")
        }),
        ("an algorithm for public keys", {
            parts.under(&json!({ "alg": "RS256", "kid": parts.header.kid })) + signature
        }),
        ("a key of its own", {
            let jwk = json!({ "kty": "oct", "k": URL_SAFE_NO_PAD.encode(KEY) });
            parts.under(&json!({ "alg": "HS256", "jwk": jwk })) + signature
        }),
        ("expired", parts.claiming("exp", json!(now - 300))),
        ("expired long ago", parts.claiming("exp", json!(0))),
        ("never over", parts.without("exp")),
        ("over in text", parts.claiming("exp", json!("9999999999"))),
        ("of the future", parts.claiming("iat", json!(now + 3_600))),
        ("for another audience", parts.claiming("aud", json!("another-api"))),
        ("for nobody", parts.without("aud")),
        ("of another issuer", parts.claiming("iss", json!("somebody"))),
        ("of nobody", parts.without("iss")),
        ("another user", parts.claiming("sub", other.claims["sub"].clone())),
        ("a user who is none", parts.claiming("sub", json!("' OR 1=1 --"))),
        ("another session", parts.claiming("sid", other.claims["sid"].clone())),
        ("a session that is none", parts.claiming("sid", json!(uuid::Uuid::new_v4()))),
        ("no session", parts.without("sid")),
        ("no user", parts.without("sub")),
        ("an unknown kid", parts.kid(Some("another".to_owned()))),
        ("a kid that is a path", parts.kid(Some("../../../../dev/null".to_owned()))),
        ("a kid that is SQL", parts.kid(Some("' UNION SELECT 'a' --".to_owned()))),
        ("a long kid", parts.kid(Some("k".repeat(4_000)))),
        ("no token", "no token at all".to_owned()),
        ("two dots", "..".to_owned()),
        ("nothing", String::new()),
        ("a refresh token", viewer.refresh_token.clone().unwrap()),
        ("an API token that is none", format!("tw_{}", "a".repeat(43))),
    ];
    for (what, token) in &forgeries {
        is_refused(&viewer.with_token(token), what).await;
    }
    // A role or a name that is added to the claims gives nothing.
    for (claim, value) in [("role", json!("ADMIN")), ("username", json!("admin"))] {
        let claims = viewer.with_token(&parts.claiming(claim, value));
        let users = claims.code("{ users { edges { node { id } } } }", json!({})).await;
        assert_eq!(users, "FORBIDDEN", "{claim}");
    }
    // Of an older version of the user, once there is a newer one.
    let change = "mutation ($id: ID!) { changeUser(id: $id, input: { role: MEMBER }) { id } }";
    admin.query(change, json!({ "id": viewer.id().await })).await;
    server
        .eventually("the old version is refused", async || {
            let code = viewer.code("{ me { id } }", json!({})).await;
            if code == "UNAUTHENTICATED" { Ok(()) } else { Err(code) }
        })
        .await;
    let log = server.log();
    assert!(!log.contains(KEY) && !log.contains(signature), "no secret stands in the log");
    is_well(&server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_authorization_that_is_not_bearer_is_not_taken_for_nobody() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    let token = server.admin().await.token.unwrap();
    for authorization in
        ["Basic YWRtaW46b25seSBmb3IgdGVzdHM=", "Bearer", "Bearer ", "Token abc", &token]
    {
        let request = server.visitor().post(&json!({ "query": "{ me { id } }" }));
        let answer = request.header("authorization", authorization).send().await.unwrap();
        assert_eq!(answer.status(), 401, "{authorization:.20}");
    }
    let request = server.visitor().post(&json!({ "query": "{ me { id } }" }));
    let lower = request.header("authorization", format!("bearer {token}"));
    assert_eq!(lower.send().await.unwrap().status(), 200, "the scheme has no case (RFC 9110)");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_was_rotated_away_signs_no_more_and_what_it_signed_stays_good() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    let admin = server.admin().await;
    let before = Parts::of(admin.token.as_deref().unwrap()).header.kid;
    admin.query("mutation { rotateSigningKey }", json!({})).await;
    assert_eq!(admin.code("{ me { id } }", json!({})).await, "OK");
    let again = server.visitor().sign_in("admin", Server::ADMIN_PASSWORD).await.unwrap();
    let after = Parts::of(again.token.as_deref().unwrap()).header.kid;
    assert!(before.is_some() && after.is_some() && before != after, "{before:?} {after:?}");
    assert_eq!(again.code("{ me { id } }", json!({})).await, "OK");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_altered_cursor_is_refused_or_leads_nowhere_it_may_not() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").with("MAX_SOCKETS_PER_USER", 1_000).start().await;
    let lines = (0..20).map(|n| format!("<13>1 - host-{} a - - - line {n}", n % 2));
    send_tcp(server.tcp.unwrap(), lines);
    server.wait_balanced(20).await;
    let scope = json!({ "hosts": ["host-0"] });
    let scoped = server.admin().await.add_user("sam", "VIEWER", scope).await;
    let page = "query ($after: String) { logs(first: 5, after: $after) {
        pageInfo { endCursor } edges { node { host } } } }";
    let mine = scoped.query(page, json!({})).await["logs"]["pageInfo"]["endCursor"].clone();
    let mut tail = scoped.tail("").await;
    tail.batch().await;

    for cursor in [mine.as_str().unwrap(), &tail.cursor] {
        for altered in altered(cursor) {
            let after = json!({ "after": altered });
            let answer = scoped.ask(page, after).await.unwrap();
            match answer["errors"][0]["extensions"]["code"].as_str() {
                Some(code) => assert_eq!(code, "BAD_USER_INPUT", "{altered}: {answer}"),
                None => assert!(!answer.to_string().contains("host-1"), "{altered}: {answer}"),
            }
            let mut tail = scoped.tail(&format!("(after: {})", json!(altered))).await;
            let message = tail.message().await;
            if message["type"] == "next" && message["payload"]["errors"].is_null() {
                let logs = message["payload"]["data"]["tail"]["logs"].as_array().unwrap();
                let hidden = |log: &Value| {
                    let id: i64 = log["id"].as_str().unwrap().parse().unwrap();
                    id % 2 == 0
                };
                assert!(!logs.iter().any(hidden), "{altered}: {message}");
            } else {
                assert!(message.to_string().contains("BAD_USER_INPUT"), "{altered}: {message}");
            }
        }
    }
    is_well(&server).await;
}

/// What somebody may make of a cursor.
fn altered(cursor: &str) -> Vec<String> {
    let mut all: Vec<String> =
        ["", "0", "-1", "nonsense", "\0", "'", "٣", "1e9"].map(String::from).into();
    all.extend([cursor.to_uppercase(), cursor.repeat(2), format!("{cursor} "), cursor[1..].into()]);
    all.push(format!("{cursor}99999999999999999999"));
    all.push(cursor.chars().rev().collect());
    for place in 0..cursor.len() {
        let mut bytes = cursor.as_bytes().to_vec();
        bytes[place] = if bytes[place] == b'1' { b'2' } else { b'1' };
        all.push(String::from_utf8(bytes).expect("ASCII"));
    }
    all
}
