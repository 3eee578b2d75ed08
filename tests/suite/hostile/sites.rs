//! Pages of other sites: what a browser that is signed in may be made to send does nothing, and
//! what it is answered stays unread. A browser names the page in `Origin`.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::is_well;
use crate::support::pair::Pair;
use crate::support::server::{Server, Setup};
use crate::support::socket::{Frame, Socket};

const EVIL: &str = "https://evil.example";
const TEAM: &str = "https://team.example";
const PUBLIC: &str = "https://logs.example";

/// A request as a browser sends it, with the cookie of somebody who is signed in.
async fn browser(server: &Server, method: Method, query: &str) -> RequestBuilder {
    let login = "mutation ($password: String!) {
        login(username: \"admin\", password: $password) { accessToken } }";
    let variables = json!({ "password": Server::ADMIN_PASSWORD });
    let request = server.visitor().post(&json!({ "query": login, "variables": variables }));
    let answer = request.send().await.unwrap();
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let url = format!("http://{}/graphql{query}", server.http);
    crate::support::http().request(method, url).header("cookie", cookie)
}

/// How many sessions the admin has: what a forged request would change.
async fn sessions(server: &Server) -> usize {
    let data = server.query("{ sessions { id } }", json!({})).await;
    data["sessions"].as_array().unwrap().len()
}

fn with_public_url(pair: &Pair) -> Setup {
    pair.role("serve").with("PUBLIC_URL", PUBLIC).with("CORS_ORIGIN", TEAM)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_a_foreign_page_can_send_unasked_does_nothing() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    let refresh = r#"{ "query": "mutation { refresh { accessToken } }" }"#;
    let before = sessions(&server).await;
    let mut visits = 0;
    for (kind, body) in [
        ("text/plain", refresh),
        ("application/x-www-form-urlencoded", "query=mutation{refresh{accessToken}}"),
        ("multipart/form-data; boundary=x", "--x\r\n\r\n--x--"),
        ("application/json", refresh),
        ("text/plain; charset=application/json", refresh),
    ] {
        for origin in [EVIL, "null", "http://127.0.0.1:1"] {
            let request = browser(&server, Method::POST, "").await;
            let request = request.header("content-type", kind).header("origin", origin);
            let answer = request.body(body).send().await.unwrap();
            visits += 1;
            let status = answer.status();
            assert!(status == 403 || status == 415, "{kind} from {origin}: {status}");
            let headers = answer.headers();
            assert!(headers.get("access-control-allow-origin").is_none(), "{headers:?}");
            assert!(headers.get("set-cookie").is_none(), "{headers:?}");
        }
    }
    // A link, an image, a script: no origin, but the browser says whence.
    let request = browser(&server, Method::GET, "?query=%7B__typename%7D").await;
    let answer = request.header("sec-fetch-site", "cross-site").send().await.unwrap();
    assert_eq!(answer.status(), 403);
    let refresh = "?query=mutation%7Brefresh%7BaccessToken%7D%7D";
    let request = browser(&server, Method::GET, refresh).await;
    assert_eq!(request.send().await.unwrap().status(), 405);
    // Each visit signed in, and nothing else happened.
    assert_eq!(sessions(&server).await, before + visits + 2);
    is_well(&server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_pages_of_ours_and_of_allowed_origins_open_sockets() {
    let pair = Pair::memory_sqlite().await;
    let server = with_public_url(&pair).start().await;
    let own = format!("http://{}", server.http);
    let init = server.admin().await.init();
    for origin in [&own, PUBLIC, TEAM] {
        let mut socket = Socket::open(server.http, &[("origin", origin)]).await.expect(origin);
        socket.send(&init).await;
        let Frame::Message(message) = socket.frame().await else { panic!("{origin}") };
        assert_eq!(message["type"], "connection_ack", "{origin}");
    }
    for origin in
        [EVIL, "null", "", "http://logs.example", "https://team.example.evil.example", "file://"]
    {
        let refused = Socket::open(server.http, &[("origin", origin)]).await.err();
        assert_eq!(refused, Some(403), "{origin}");
    }
    // Nobody but a trusted proxy says which host was asked for.
    let forwarded = [("origin", EVIL), ("x-forwarded-host", "evil.example")];
    assert_eq!(Socket::open(server.http, &forwarded).await.err(), Some(403));
    is_well(&server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_are_read_by_pages_of_allowed_origins_only() {
    let pair = Pair::memory_sqlite().await;
    let server = with_public_url(&pair).start().await;
    let url = format!("http://{}/graphql", server.http);
    let preflight = async |origin: &str| {
        let request = crate::support::http().request(Method::OPTIONS, &url);
        let request =
            request.header("origin", origin).header("access-control-request-method", "POST");
        let asks = "authorization,content-type";
        request.header("access-control-request-headers", asks).send().await.unwrap()
    };
    let allowed = preflight(TEAM).await;
    assert!(allowed.status().is_success());
    let header = |answer: &reqwest::Response, name: &str| {
        answer.headers().get(name).map(|value| value.to_str().unwrap().to_lowercase())
    };
    assert_eq!(header(&allowed, "access-control-allow-origin").as_deref(), Some(TEAM));
    let may_send = header(&allowed, "access-control-allow-headers").unwrap();
    assert!(may_send.contains("authorization") && may_send.contains("content-type"), "{may_send}");
    assert!(header(&allowed, "vary").is_some_and(|vary| vary.contains("origin")));
    for origin in [EVIL, "null"] {
        assert_eq!(header(&preflight(origin).await, "access-control-allow-origin"), None);
    }

    let ask = async |origin: &str| {
        let request = server.admin().await.post(&json!({ "query": "{ me { username } }" }));
        request.header("origin", origin).send().await.unwrap()
    };
    let answer = ask(TEAM).await;
    assert_eq!(header(&answer, "access-control-allow-origin").as_deref(), Some(TEAM));
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(answer["data"]["me"]["username"], "admin");
    let answer = ask(EVIL).await;
    assert_eq!(answer.status(), 403);
    assert_eq!(header(&answer, "access-control-allow-origin"), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_carry_what_protects_them() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    for path in ["/", "/graphiql", "/graphql", "/healthz", "/metrics", "/nowhere"] {
        let url = format!("http://{}{path}", server.http);
        let answer = crate::support::http().get(url).send().await.unwrap();
        let header = |name: &str| {
            let value = answer.headers().get(name).unwrap_or_else(|| panic!("{path}: no {name}"));
            value.to_str().unwrap().to_owned()
        };
        let policy = header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe-eval") && !policy.contains("http"), "{path}: {policy}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "no-referrer", "{path}");
        assert!(answer.headers().get("server").is_none(), "{path}");
    }
}
