//! What ends a session, a token or a right ends what goes by it, on every node, within a second:
//! requests, sockets and streams.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::pair::Pair;
use crate::support::server::Server;
use crate::support::soon;
use crate::support::visitor::{Events, PASSWORD, Tail, Visitor, code_of};

/// A second is promised; the rest is for the machine that runs the tests.
const WITHIN: Duration = Duration::from_secs(10);

/// Two api nodes on one database.
struct Cluster {
    _pair: Pair,
    _worker: Server,
    nodes: [Server; 2],
}

impl Cluster {
    async fn start() -> Cluster {
        let pair = Pair::nats_postgres().await;
        let worker = pair.role("worker").start().await;
        let nodes = [pair.role("api").start().await, pair.role("api").start().await];
        Cluster { _pair: pair, _worker: worker, nodes }
    }
}

/// Somebody who follows the log on both nodes, over a socket and a stream each.
struct Follower {
    visitors: [Visitor; 2],
    tails: Vec<Tail>,
    streams: Vec<Events>,
}

impl Follower {
    async fn start(cluster: &Cluster, visitor: &Visitor) -> Follower {
        let visitors = [visitor.at(cluster.nodes[0].http), visitor.at(cluster.nodes[1].http)];
        let (mut tails, mut streams) = (Vec::new(), Vec::new());
        for visitor in &visitors {
            let mut tail = visitor.tail("").await;
            tail.batch().await;
            tails.push(tail);
            let mut stream = visitor.events("").await;
            let (name, _) = stream.next().await.expect("the stream is open");
            assert_eq!(name, "next");
            streams.push(stream);
        }
        Follower { visitors, tails, streams }
    }

    /// Everything ends in time: sockets by 4403, streams by an error that says why and a
    /// `complete`, requests by 401.
    async fn ends(self, what: &str) {
        let since = Instant::now();
        for tail in self.tails {
            assert_eq!(tail.closed().await, 4403, "{what}");
        }
        for mut stream in self.streams {
            let mut said = None;
            loop {
                let (name, answer) = stream.next().await.expect("it is completed");
                if name == "complete" {
                    break;
                }
                if answer["errors"].is_array() {
                    said = Some(code_of(&answer));
                }
            }
            assert_eq!(said.as_deref(), Some("UNAUTHENTICATED"), "{what}");
        }
        for visitor in &self.visitors {
            soon(async { while is_let_in(visitor).await {} }).await;
        }
        let took = since.elapsed();
        assert!(took < WITHIN, "{what}: everything was over only after {took:?}");
    }

    /// Still let in, on both nodes.
    async fn goes_on(&self) {
        for visitor in &self.visitors {
            assert!(is_let_in(visitor).await);
        }
    }
}

/// Whether a request is let in; one that is not gets 401 and says why.
async fn is_let_in(visitor: &Visitor) -> bool {
    let answer = visitor.post(&json!({ "query": "{ me { id } }" })).send().await.unwrap();
    let status = answer.status();
    let body: Value = answer.json().await.unwrap();
    if status == 401 {
        assert_eq!(code_of(&body), "UNAUTHENTICATED");
        return false;
    }
    assert_eq!((status.as_u16(), code_of(&body).as_str()), (200, "OK"), "{body}");
    true
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_an_admin_does_to_a_user_ends_what_goes_by_the_old_right() {
    let cluster = Cluster::start().await;
    let admin = cluster.nodes[0].admin().await;
    let change = |input: &str| {
        format!(
            "mutation ($id: ID!) {{ done: changeUser(id: $id, input: {{ {input} }}) {{ id }} }}"
        )
    };
    let witness = admin.add_user("witness", "VIEWER", Value::Null).await;
    let witness = Follower::start(&cluster, &witness).await;
    for (n, act) in [
        change("role: MEMBER"),
        change("scope: { text: \"open\" }"),
        change("disabled: true"),
        "mutation ($id: ID!) { done: setPassword(id: $id, password: \"another one\") }".to_owned(),
        "mutation ($id: ID!) { done: endSessionsOf(user: $id) }".to_owned(),
        "mutation ($id: ID!) { done: removeUser(id: $id) { id } }".to_owned(),
    ]
    .iter()
    .enumerate()
    {
        let user = admin.add_user(&format!("user-{n}"), "VIEWER", Value::Null).await;
        let follower = Follower::start(&cluster, &user).await;
        let id = user.id().await;
        admin.query(act, json!({ "id": id })).await;
        follower.ends(act).await;
        witness.goes_on().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_user_does_ends_what_it_should() {
    let cluster = Cluster::start().await;
    let admin = cluster.nodes[0].admin().await;
    admin.add_user("ada", "VIEWER", Value::Null).await;
    let sign_in = async || cluster.nodes[1].visitor().sign_in("ada", PASSWORD).await.unwrap();

    let here = sign_in().await;
    let there = sign_in().await;
    let follower = Follower::start(&cluster, &there).await;
    let sessions = there.query("{ sessions { id current } }", json!({})).await;
    let sessions = sessions["sessions"].as_array().unwrap().clone();
    assert_eq!(sessions.len(), 3);
    let current: Vec<_> = sessions.iter().filter(|session| session["current"] == true).collect();
    assert_eq!(current.len(), 1);
    let end = "mutation ($id: ID!) { endSession(id: $id) }";
    here.query(end, json!({ "id": current[0]["id"] })).await;
    follower.ends("one session of many").await;
    assert!(is_let_in(&here).await);
    assert_eq!(here.code(end, json!({ "id": current[0]["id"] })).await, "NOT_FOUND");

    let follower = Follower::start(&cluster, &here).await;
    here.query("mutation { logout }", json!({})).await;
    follower.ends("signing out").await;

    let here = sign_in().await;
    let follower = Follower::start(&cluster, &sign_in().await).await;
    let ended = here.query("mutation { endSessions(keepThis: true) }", json!({})).await;
    assert_eq!(ended["endSessions"], 2, "this one stays");
    follower.ends("all sessions but this").await;
    assert!(is_let_in(&here).await);

    let follower = Follower::start(&cluster, &sign_in().await).await;
    let change =
        "mutation ($new: String!) { changePassword(current: \"correct horse\", new: $new) }";
    here.query(change, json!({ "new": "battery staple" })).await;
    follower.ends("a changed password").await;
    // Who changed it comes back without the new one.
    let refresh = "mutation ($token: String) { refresh(token: $token) { accessToken } }";
    let session = here.visitor().query(refresh, json!({ "token": here.refresh_token })).await;
    assert!(is_let_in(&here.with_session(&session["refresh"]).unwrap()).await);
    assert!(here.visitor().sign_in("ada", PASSWORD).await.is_err());
    assert!(here.visitor().sign_in("ada", "battery staple").await.is_ok());
}

#[tokio::test]
async fn one_sees_and_ends_only_ones_own_sessions() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    let admin = server.admin().await;
    let ada = admin.add_user("ada", "MEMBER", Value::Null).await;
    let bob = admin.add_user("bob", "MEMBER", Value::Null).await;
    let fields = "id createdAt lastUsedAt expiresAt address userAgent current";
    let own = bob.query(&format!("{{ sessions {{ {fields} }} }}"), json!({})).await;
    let own = own["sessions"].as_array().unwrap();
    assert_eq!(own.len(), 1);
    assert_eq!((&own[0]["address"], &own[0]["current"]), (&json!("127.0.0.1"), &json!(true)));
    let end = json!({ "id": own[0]["id"] });
    let end_session = "mutation ($id: ID!) { endSession(id: $id) }";
    assert_eq!(ada.code(end_session, end).await, "NOT_FOUND");
    let of = "query ($user: ID) { sessions(user: $user) { id } }";
    let of_bob = json!({ "user": bob.id().await });
    assert_eq!(ada.code(of, of_bob.clone()).await, "FORBIDDEN");
    let seen = admin.query(of, of_bob).await;
    assert_eq!(seen["sessions"].as_array().unwrap().len(), 1);
    assert!(is_let_in(&bob).await);
}

#[tokio::test]
async fn the_last_active_admin_stays() {
    for pair in [Pair::memory_sqlite().await, Pair::memory_postgres().await] {
        let server = pair.role("serve").start().await;
        let admin = server.admin().await;
        let id = json!({ "id": admin.id().await });
        let demote = "mutation ($id: ID!) { changeUser(id: $id, input: { role: MEMBER }) { id } }";
        let disable =
            "mutation ($id: ID!) { changeUser(id: $id, input: { disabled: true }) { id } }";
        let remove = "mutation ($id: ID!) { removeUser(id: $id) { id } }";
        for act in [demote, disable, remove] {
            assert_eq!(admin.code(act, id.clone()).await, "CONFLICT", "{act}");
        }
        let second = admin.add_user("second", "ADMIN", Value::Null).await;
        assert_eq!(second.code(demote, id).await, "OK", "there is another one now");
        let own = json!({ "id": second.id().await });
        assert_eq!(second.code(remove, own).await, "CONFLICT");
    }
}

#[tokio::test]
async fn sign_ins_and_mutations_stand_in_the_audit_log() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    let admin = server.admin().await;
    let ada = admin.add_user("ada", "VIEWER", Value::Null).await;
    assert!(server.visitor().sign_in("ada", "not hers").await.is_err());
    let create = "mutation { createToken(name: \"ci\", scope: READ) { token } }";
    assert_eq!(ada.code(create, json!({})).await, "FORBIDDEN");
    let fields = "{ audit(first: 100) { pageInfo { hasNextPage }
        edges { node { id at actor action target address outcome } } } }";
    assert_eq!(ada.code(fields, json!({})).await, "FORBIDDEN");
    let audit = admin.query(fields, json!({})).await["audit"].clone();
    let told: Vec<Value> = audit["edges"]
        .as_array()
        .unwrap()
        .iter()
        .map(|edge| {
            let node = &edge["node"];
            assert_eq!(node["address"], "127.0.0.1");
            json!([node["actor"], node["action"], node["outcome"]])
        })
        .collect();
    // Newest first.
    assert_eq!(
        told,
        [
            json!(["ada", "createToken", "FORBIDDEN"]),
            json!(["ada", "login", "UNAUTHENTICATED"]),
            json!(["ada", "login", "OK"]),
            json!(["admin", "createUser", "OK"]),
            json!(["admin", "login", "OK"]),
        ]
    );
    assert!(!audit.to_string().contains("not hers") && !audit.to_string().contains(PASSWORD));
}
