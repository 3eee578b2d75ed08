//! Users, and what they are given.

use futures_util::future::join_all;
use tailwater::log::{Timestamp, timestamp_from_micros};
use tailwater::store::{NewSearch, NewSession, NewToken, NewUser, Store, TokenHash};
use tailwater::user::{Act, ApiToken, Role, SavedSearch, Session, TokenScope, User, Username};
use uuid::Uuid;

use super::support::{Database, connect};

/// The moment at which everything is done, unless it says otherwise.
pub fn at(second: i64) -> Timestamp {
    timestamp_from_micros(1_767_225_600_123_456 + second * 1_000_000)
}

/// How long a session lasts that is not used, in seconds.
pub const LIFETIME: i64 = 86_400;

pub fn username(name: &str) -> Username {
    name.parse().expect("a name")
}

pub fn new_user(name: &str, role: Role) -> NewUser {
    NewUser {
        username: username(name),
        display_name: name.to_owned(),
        email: None,
        role,
        scope: None,
        password: format!("$argon2id$of${name}").into(),
    }
}

pub async fn add_user(store: &Store, name: &str, role: Role) -> User {
    store.add_user(new_user(name, role)).await.expect("add a user")
}

/// A token that was never there before.
pub fn random_token() -> TokenHash {
    let mut hash = [0; 32];
    hash[..16].copy_from_slice(Uuid::new_v4().as_bytes());
    TokenHash(hash)
}

/// A session that is opened at second 0.
pub fn new_session(user: &User) -> NewSession {
    NewSession {
        id: Uuid::new_v4(),
        user: user.id,
        version: user.version,
        at: at(0),
        expires_at: at(LIFETIME),
        address: Some([192, 0, 2, 7].into()),
        user_agent: Some("a browser".to_owned()),
        refresh: random_token(),
    }
}

pub async fn add_session(store: &Store, user: &User) -> Session {
    store.open_session(new_session(user)).await.expect("open a session")
}

pub fn new_token(owner: &User, name: &str) -> NewToken {
    NewToken {
        owner: owner.id,
        version: owner.version,
        name: name.to_owned(),
        prefix: "tw_abcdef".to_owned(),
        scope: TokenScope::Read,
        expires_at: None,
        hash: random_token(),
    }
}

pub async fn add_token(store: &Store, owner: &User, name: &str) -> ApiToken {
    store.add_api_token(new_token(owner, name)).await.expect("add a token")
}

pub fn new_search(owner: &User, name: &str) -> NewSearch {
    NewSearch {
        owner: owner.id,
        name: name.to_owned(),
        filter: r#"{"query":"error"}"#.to_owned(),
        shared: false,
    }
}

pub async fn add_search(store: &Store, owner: &User, name: &str) -> SavedSearch {
    store.add_search(new_search(owner, name)).await.expect("add a search")
}

pub fn act(user: &User, action: &str) -> Act {
    Act {
        user: Some(user.id),
        actor: user.username.to_string(),
        action: action.to_owned(),
        target: None,
        address: Some([192, 0, 2, 7].into()),
        outcome: "OK".to_owned(),
    }
}

/// Does something 20 times at once, on two nodes.
pub async fn at_once<T>(database: &Database, work: impl AsyncFn(Store, usize) -> T) -> Vec<T> {
    let nodes = [database.store.clone(), connect(&database.url).await];
    let node = |n: usize| &nodes[n % nodes.len()];
    // Nobody is late because there is no connection yet.
    for pinged in join_all((0..20).map(|n| node(n).ping())).await {
        pinged.expect("ping");
    }
    join_all((0..20).map(|n| work(node(n).clone(), n))).await
}
