//! Who may, over a real store in SQLite.

mod ended;
mod keys;
mod refresh;
mod roles;
mod set_up;
mod sign_in;

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use secrecy::{ExposeSecret, SecretString};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::throttle::Target;
use super::*;
use crate::store::StoreOptions;
use crate::user::{AuditEntry, Role, TokenScope};

/// The password of everybody here.
const PASSWORD: &str = "correct horse battery";

/// A database with an admin `root`, and a node that decides who may.
struct Fixture {
    auth: Auth,
    store: Store,
    directory: TempDir,
}

impl Fixture {
    async fn new() -> Fixture {
        Fixture::with(Options::default()).await
    }

    async fn with(options: Options) -> Fixture {
        let fixture = Fixture::empty(options).await;
        let hash = fixture.auth.inner.hasher.hash(PASSWORD.into()).await.unwrap();
        let root = new_user("root", Role::Admin, hash);
        fixture.store.add_first_user(root).await.unwrap().unwrap();
        fixture
    }

    /// Without a user.
    async fn empty(options: Options) -> Fixture {
        let directory = tempfile::tempdir().unwrap();
        let store = connect(&directory).await;
        store.migrate().await.unwrap();
        let auth = Auth::open(store.clone(), options).await.unwrap();
        Fixture { auth, store, directory }
    }

    /// Another node on the same database.
    async fn other_node(&self) -> Auth {
        Auth::open(connect(&self.directory).await, Options::default()).await.unwrap()
    }

    async fn sign_in(&self, username: &str) -> SignedIn {
        self.auth.sign_in(username, PASSWORD.into(), &peer(1)).await.unwrap()
    }

    /// A caller by a fresh session of this user.
    async fn caller(&self, username: &str) -> Caller {
        let signed_in = self.sign_in(username).await;
        self.caller_by(&signed_in.access_token).await.unwrap()
    }

    async fn caller_by(&self, bearer: &SecretString) -> Result<Caller, AuthError> {
        self.auth.authenticate(bearer.expose_secret(), peer(1)).await
    }

    async fn root(&self) -> Admin {
        self.caller("root").await.admin().unwrap()
    }

    /// Adds a user with [`PASSWORD`].
    async fn user(&self, username: &str, role: Role) -> User {
        let hash = self.auth.inner.hasher.hash(PASSWORD.into()).await.unwrap();
        self.store.add_user(new_user(username, role, hash)).await.unwrap()
    }

    /// Makes an API token of this user.
    async fn token(
        &self,
        username: &str,
        scope: TokenScope,
    ) -> (crate::user::ApiToken, SecretString) {
        let member = self.caller(username).await.member().unwrap();
        self.auth.create_token(&member, format!("{scope:?}"), scope, None).await.unwrap()
    }

    /// Fails from there until the longest wait begins.
    fn exhaust(&self, target: Target, from: &Peer) {
        let mut now = Instant::now();
        loop {
            match self.auth.inner.throttle.begin(target.clone(), from.address, now) {
                Ok(failed) => drop(failed),
                Err(wait) if wait == Duration::from_secs(60) => return,
                Err(wait) => now += wait,
            }
        }
    }

    async fn acts(&self) -> Vec<AuditEntry> {
        self.store.acts(None, 100).await.unwrap()
    }
}

async fn connect(directory: &TempDir) -> Store {
    let url = format!("sqlite://{}/log.db", directory.path().display());
    Store::connect(&StoreOptions::new(url)).await.unwrap()
}

fn new_user(name: &str, role: Role, password: crate::store::PasswordHash) -> crate::store::NewUser {
    crate::store::NewUser {
        username: name.parse().unwrap(),
        display_name: name.to_owned(),
        email: None,
        role,
        scope: None,
        password,
    }
}

fn account(name: &str) -> NewAccount {
    NewAccount {
        username: name.parse().unwrap(),
        display_name: None,
        email: None,
        role: Role::Viewer,
        scope: None,
        password: PASSWORD.into(),
    }
}

fn peer(last: u8) -> Peer {
    Peer { address: Ipv4Addr::new(192, 0, 2, last).into(), user_agent: Some("tests".to_owned()) }
}

/// Runs a node's upkeep for as long as it is held.
fn run(auth: &Auth) -> AbortOnDropHandle<()> {
    let auth = auth.clone();
    AbortOnDropHandle::new(tokio::spawn(async move { auth.run(CancellationToken::new()).await }))
}

fn is_unauthenticated<T: std::fmt::Debug>(result: &Result<T, AuthError>) -> bool {
    matches!(result, Err(AuthError::Unauthenticated(_)))
}
