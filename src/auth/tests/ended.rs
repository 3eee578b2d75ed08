//! What ends, ends: for the next request, and for what is open.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use tokio::time::timeout;
use uuid::Uuid;

use super::*;
use crate::store::UserChange;

/// Within this, what has ended has ended everywhere.
const SOON: Duration = Duration::from_secs(1);

type Watch = Pin<Box<dyn Future<Output = Ended> + Send>>;

fn watch(caller: &Caller) -> Watch {
    Box::pin(caller.ended())
}

/// Whether it has ended already, without waiting.
fn at_once(watch: &mut Watch) -> Option<Ended> {
    match watch.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(ended) => Some(ended),
        Poll::Pending => None,
    }
}

fn session(caller: &Caller) -> Uuid {
    caller.viewer().unwrap().session().unwrap()
}

#[tokio::test]
async fn signing_out_ends_this_session_at_once_and_no_other() {
    let fixture = Fixture::new().await;
    let (one, two) = (fixture.sign_in("root").await, fixture.sign_in("root").await);
    let caller = fixture.caller_by(&one.access_token).await.unwrap();
    let other = fixture.caller_by(&two.access_token).await.unwrap();
    let (mut ended, mut goes_on) = (watch(&caller), watch(&other));
    fixture.auth.sign_out(&caller.viewer().unwrap()).await.unwrap();
    assert_eq!(at_once(&mut ended), Some(Ended::Revoked));
    assert_eq!(at_once(&mut goes_on), None);
    assert!(is_unauthenticated(&fixture.caller_by(&one.access_token).await));
    assert!(is_unauthenticated(&fixture.auth.refresh(&one.refresh_token, &peer(1)).await));
    assert!(fixture.caller_by(&two.access_token).await.is_ok());
}

#[tokio::test]
async fn sessions_are_ended_one_by_one_and_all_together() {
    let fixture = Fixture::new().await;
    let mut callers = Vec::new();
    for _ in 0..3 {
        callers.push(fixture.caller("root").await);
    }
    let mut watches: Vec<Watch> = callers.iter().map(watch).collect();
    let own = callers[0].viewer().unwrap();
    fixture.auth.end_session(&own, session(&callers[1])).await.unwrap();
    let again = fixture.auth.end_session(&own, session(&callers[1])).await;
    assert!(matches!(again, Err(AuthError::NotFound)), "{again:?}");
    let ended: Vec<_> = watches.iter_mut().map(at_once).collect();
    assert_eq!(ended, [None, Some(Ended::Revoked), None]);
    drop(watches.remove(1));
    assert_eq!(fixture.auth.end_sessions(&own, true).await.unwrap(), 1);
    let ended: Vec<_> = watches.iter_mut().map(at_once).collect();
    assert_eq!(ended, [None, Some(Ended::Revoked)]);
    assert_eq!(fixture.auth.end_sessions(&own, false).await.unwrap(), 1);
    assert_eq!(at_once(&mut watches[0]), Some(Ended::Revoked));
}

#[tokio::test]
async fn somebody_elses_session_is_not_ones_own_to_end() {
    let fixture = Fixture::new().await;
    fixture.user("mallory", Role::Member).await;
    let root = fixture.caller("root").await;
    let mut goes_on = watch(&root);
    let mallory = fixture.caller("mallory").await.viewer().unwrap();
    let refused = fixture.auth.end_session(&mallory, session(&root)).await;
    assert!(matches!(refused, Err(AuthError::NotFound)), "{refused:?}");
    assert_eq!(at_once(&mut goes_on), None);
}

/// What an admin can do to a user.
enum Change {
    Role,
    Scope,
    Disable,
    Password,
    Remove,
    Sessions,
}

async fn make(change: &Change, fixture: &Fixture, root: &Admin, id: Uuid) {
    let auth = &fixture.auth;
    let change = match change {
        Change::Role => UserChange { role: Some(Role::Viewer), ..UserChange::default() },
        Change::Scope => UserChange { scope: Some(Some("{}".into())), ..UserChange::default() },
        Change::Disable => UserChange { disabled: Some(true), ..UserChange::default() },
        Change::Password => {
            return auth.set_password(root, id, "another one".into()).await.unwrap();
        }
        Change::Remove => return drop(auth.remove_user(root, id).await.unwrap()),
        Change::Sessions => {
            assert_eq!(auth.end_sessions_of(root, id).await.unwrap(), 2);
            return;
        }
    };
    auth.change_user(root, id, change).await.unwrap();
}

#[tokio::test]
async fn what_an_admin_does_to_a_user_ends_what_it_must_on_every_node() {
    use Change::{Disable, Password, Remove, Role as OtherRole, Scope, Sessions};
    let fixture = Fixture::new().await;
    let root = fixture.root().await;
    let other = fixture.other_node().await;
    let _running = run(&other);
    for (i, (change, ends_tokens)) in [
        (OtherRole, true),
        (Scope, true),
        (Disable, true),
        (Password, false),
        (Remove, true),
        (Sessions, false),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("user{i}");
        let user = fixture.user(&name, Role::Member).await;
        let bearer = fixture.sign_in(&name).await.access_token;
        let (_, token) = fixture.token(&name, TokenScope::Read).await;
        let mut here = watch(&fixture.caller_by(&bearer).await.unwrap());
        let mut here_by_token = watch(&fixture.caller_by(&token).await.unwrap());
        let there = other.authenticate(bearer.expose_secret(), peer(1)).await.unwrap();
        let there = watch(&there);
        make(&change, &fixture, &root, user.id).await;
        let i = format!("change {i}");
        assert_eq!(at_once(&mut here), Some(Ended::Revoked), "{i}, here");
        assert_eq!(at_once(&mut here_by_token).is_some(), ends_tokens, "{i}, by a token");
        assert_eq!(timeout(SOON, there).await, Ok(Ended::Revoked), "{i}, on the other node");
        assert!(is_unauthenticated(&fixture.caller_by(&bearer).await), "{i}, the next request");
        let next = other.authenticate(bearer.expose_secret(), peer(1)).await;
        assert!(is_unauthenticated(&next), "{i}, the next request there");
    }
}

#[tokio::test]
async fn a_change_of_ones_own_password_ends_the_other_sessions_and_not_what_this_one_has_open() {
    let fixture = Fixture::new().await;
    let _running = run(&fixture.auth);
    let own = fixture.sign_in("root").await;
    let caller = fixture.caller_by(&own.access_token).await.unwrap();
    let (mut goes_on, mut ends) = (watch(&caller), watch(&fixture.caller("root").await));
    let change = PasswordChange { current: PASSWORD.into(), new: "another password".into() };
    fixture.auth.change_password(&caller.viewer().unwrap(), change).await.unwrap();
    assert_eq!(at_once(&mut ends), Some(Ended::Revoked));
    assert!(timeout(2 * SOON, &mut goes_on).await.is_err(), "it goes on");
    let fresh = fixture.auth.refresh(&own.refresh_token, &peer(1)).await.unwrap();
    assert!(fixture.caller_by(&fresh.access_token).await.is_ok());
}

#[tokio::test]
async fn a_new_display_name_ends_nothing() {
    let fixture = Fixture::new().await;
    let caller = fixture.caller("root").await;
    let mut goes_on = watch(&caller);
    let viewer = caller.viewer().unwrap();
    let user = fixture.auth.change_profile(&viewer, Some("Root".into()), Some(Some("a@b".into())));
    assert_eq!(user.await.unwrap().display_name, "Root");
    assert_eq!(at_once(&mut goes_on), None);
}

#[tokio::test]
async fn a_revoked_token_ends_what_it_has_open_on_every_node() {
    let fixture = Fixture::new().await;
    let other = fixture.other_node().await;
    let _running = run(&other);
    let (token, secret) = fixture.token("root", TokenScope::Read).await;
    let mut here = watch(&fixture.caller_by(&secret).await.unwrap());
    let there = other.authenticate(secret.expose_secret(), peer(1)).await.unwrap();
    let there = watch(&there);
    fixture.auth.revoke_token(fixture.root().await.member(), token.id).await.unwrap();
    assert_eq!(at_once(&mut here), Some(Ended::Revoked));
    assert_eq!(timeout(SOON, there).await, Ok(Ended::Revoked));
}

#[tokio::test]
async fn an_access_token_ends_what_it_has_open_when_it_expires() {
    let lifetime = Duration::from_secs(1);
    let fixture = Fixture::with(Options { access_lifetime: lifetime, ..Options::default() }).await;
    let signed_in = fixture.sign_in("root").await;
    let caller = fixture.caller_by(&signed_in.access_token).await.unwrap();
    assert_eq!(timeout(lifetime + SOON, caller.ended()).await, Ok(Ended::Expired));
    let next = fixture.caller_by(&signed_in.access_token).await;
    assert!(is_unauthenticated(&next), "{next:?}");
    assert!(fixture.auth.refresh(&signed_in.refresh_token, &peer(1)).await.is_ok());
}

#[tokio::test]
async fn a_database_that_is_away_ends_nothing_at_once() {
    let fixture = Fixture::new().await;
    let node = fixture.other_node().await;
    let _running = run(&node);
    let signed_in = fixture.sign_in("root").await;
    let bearer = signed_in.access_token.expose_secret();
    let mut goes_on = watch(&node.authenticate(bearer, peer(1)).await.unwrap());
    node.inner.store.close().await;
    assert!(timeout(2 * SOON, &mut goes_on).await.is_err(), "what is open stays open");
    assert!(node.authenticate(bearer, peer(1)).await.is_ok(), "what was known a moment ago counts");
    let stranger = fixture.sign_in("root").await;
    let unknown = node.authenticate(stranger.access_token.expose_secret(), peer(1)).await;
    assert!(
        matches!(unknown, Err(AuthError::Store(_))),
        "what was never known does not: {unknown:?}"
    );
}

#[tokio::test]
async fn who_no_longer_watches_is_forgotten() {
    let fixture = Fixture::new().await;
    let caller = fixture.caller("root").await;
    let watches: Vec<Watch> = (0..10).map(|_| watch(&caller)).collect();
    assert_eq!(fixture.auth.inner.watchers.grants().len(), 1);
    drop(watches);
    assert!(fixture.auth.inner.watchers.grants().is_empty());
    let nobody = Caller::anonymous(peer(1));
    assert_eq!(at_once(&mut watch(&nobody)), None);
}

#[tokio::test]
async fn the_upkeep_stops_when_it_is_told_to() {
    let fixture = Fixture::new().await;
    let stop = CancellationToken::new();
    stop.cancel();
    timeout(SOON, fixture.auth.run(stop)).await.expect("it stops");
}
