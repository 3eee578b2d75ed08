//! Sessions and their refresh tokens: rotation, races, replays, and how they end.

use std::time::Duration;

use tailwater::log::Timestamp;
use tailwater::store::{NewSession, Rotation, Store, TokenHash};
use tailwater::user::{Role, Session, User};
use uuid::Uuid;

use super::over_both_databases;
use super::people::{LIFETIME, add_session, add_user, at, at_once, new_session, random_token};
use super::support::Database;

over_both_databases!(
    a_session_comes_back_as_it_was_opened,
    a_rotated_token_has_one_successor,
    a_session_that_is_used_lives_on,
    a_token_used_again_at_once_yields_a_fresh_successor,
    a_token_used_again_later_ends_the_session,
    a_token_that_was_superseded_counts_as_used,
    twenty_uses_at_once_leave_one_live_successor,
    twenty_late_uses_at_once_end_the_session_once,
    ending_and_rotating_at_once_ends_it,
    an_unknown_token_does_nothing,
    a_token_of_an_expired_session_does_nothing,
    a_token_of_a_disabled_user_does_nothing,
    standings_are_of_sessions_that_live,
    a_session_is_ended_by_its_user_alone,
    sessions_are_ended_but_one,
    expired_sessions_and_tokens_are_removed,
);

/// How long a used token is forgiven, in seconds.
const GRACE: i64 = 10;

/// What came of a token, and its successor.
async fn rotate(store: &Store, token: TokenHash, at: Timestamp) -> (Rotation, TokenHash) {
    let successor = random_token();
    let grace = Duration::from_secs(GRACE as u64);
    let rotation = store.rotate_refresh_token(token, successor, at, grace).await;
    (rotation.expect("rotate"), successor)
}

/// The successor of a token that is good.
async fn next(store: &Store, token: TokenHash, at: Timestamp) -> TokenHash {
    match rotate(store, token, at).await {
        (Rotation::Rotated { .. }, successor) => successor,
        (other, _) => panic!("{other:?}"),
    }
}

async fn live_tokens(database: &Database) -> i64 {
    database.number("SELECT count(*) FROM refresh_token WHERE used_at IS NULL").await
}

/// Ada, with a session.
async fn ada(store: &Store) -> (User, NewSession) {
    let user = add_user(store, "ada", Role::Viewer).await;
    let session = new_session(&user);
    store.open_session(session.clone()).await.expect("open");
    (user, session)
}

async fn a_session_comes_back_as_it_was_opened(database: Database) {
    let store = &database.store;
    let user = add_user(store, "ada", Role::Viewer).await;
    let new = new_session(&user);
    let opened = store.open_session(new.clone()).await.expect("open");
    let expected = Session {
        id: new.id,
        user: user.id,
        created_at: at(0),
        last_used_at: at(0),
        expires_at: at(LIFETIME),
        address: new.address,
        user_agent: new.user_agent,
    };
    assert_eq!(opened, expected);
    let mut bare = new_session(&user);
    (bare.at, bare.address, bare.user_agent) = (at(1), None, None);
    let bare = store.open_session(bare).await.expect("open");
    assert_eq!(store.sessions(user.id, at(2)).await.expect("read"), [bare, opened]);
    assert_eq!(store.sessions(Uuid::nil(), at(2)).await.expect("read"), []);
}

async fn a_rotated_token_has_one_successor(database: Database) {
    let store = &database.store;
    let (user, session) = ada(store).await;
    let (rotation, successor) = rotate(store, session.refresh, at(5)).await;
    let Rotation::Rotated { session: rotated, user: whose } = rotation else {
        panic!("{rotation:?}");
    };
    assert_eq!((rotated.id, rotated.last_used_at, whose), (session.id, at(5), user));
    assert_eq!(live_tokens(&database).await, 1);
    next(store, successor, at(6)).await;
    assert_eq!(live_tokens(&database).await, 1);
}

async fn a_session_that_is_used_lives_on(database: Database) {
    let store = &database.store;
    let (user, session) = ada(store).await;
    let mut token = session.refresh;
    for days in 1..=10 {
        let used = at(days * (LIFETIME - 1));
        token = next(store, token, used).await;
        let [known] = &store.sessions(user.id, used).await.expect("read")[..] else {
            panic!("it lives");
        };
        assert_eq!((known.created_at, known.last_used_at), (at(0), used));
        assert_eq!(known.expires_at, at(days * (LIFETIME - 1) + LIFETIME));
    }
}

async fn a_token_used_again_at_once_yields_a_fresh_successor(database: Database) {
    let store = &database.store;
    let (_, session) = ada(store).await;
    next(store, session.refresh, at(0)).await;
    // By another node, too, whose clock is a little behind.
    next(store, session.refresh, at(-2)).await;
    let last = next(store, session.refresh, at(GRACE)).await;
    assert_eq!(live_tokens(&database).await, 1);
    next(store, last, at(GRACE + 1)).await;
}

async fn a_token_used_again_later_ends_the_session(database: Database) {
    let store = &database.store;
    let (user, session) = ada(store).await;
    let other = add_session(store, &user).await;
    let successor = next(store, session.refresh, at(0)).await;
    let (rotation, _) = rotate(store, session.refresh, at(GRACE + 1)).await;
    let Rotation::Replayed { session: ended, user: whose } = rotation else {
        panic!("{rotation:?}");
    };
    assert_eq!((ended.id, whose.id), (session.id, user.id));
    let (after, _) = rotate(store, successor, at(GRACE + 1)).await;
    assert!(matches!(after, Rotation::Unknown), "{after:?}");
    assert_eq!(store.sessions(user.id, at(GRACE + 1)).await.expect("read"), [other]);
}

/// Somebody who got hold of a token and used it within the grace is found out as soon as the
/// other one comes back.
async fn a_token_that_was_superseded_counts_as_used(database: Database) {
    let store = &database.store;
    let (_, session) = ada(store).await;
    let first = next(store, session.refresh, at(0)).await;
    let second = next(store, session.refresh, at(1)).await;
    // At once it is forgiven as well.
    let third = next(store, first, at(2)).await;
    next(store, third, at(600)).await;
    let (rotation, _) = rotate(store, second, at(600)).await;
    assert!(matches!(rotation, Rotation::Replayed { .. }), "{rotation:?}");
}

async fn twenty_uses_at_once_leave_one_live_successor(database: Database) {
    let store = &database.store;
    let (user, session) = ada(store).await;
    let successors =
        at_once(&database, async |store, n| next(&store, session.refresh, at(n as i64 / 2)).await)
            .await;
    assert_eq!(store.sessions(user.id, at(10)).await.expect("read").len(), 1);
    assert_eq!(live_tokens(&database).await, 1);
    let tokens = database.number("SELECT count(*) FROM refresh_token").await;
    assert_eq!(tokens, 1 + successors.len() as i64);
    // Nobody who raced is signed out by the next use within the grace.
    for successor in successors {
        next(store, successor, at(10)).await;
    }
    assert_eq!(live_tokens(&database).await, 1);
}

async fn twenty_late_uses_at_once_end_the_session_once(database: Database) {
    let (user, session) = ada(&database.store).await;
    next(&database.store, session.refresh, at(0)).await;
    let late = at(GRACE + 1);
    let rotations =
        at_once(&database, async |store, _| rotate(&store, session.refresh, late).await.0).await;
    let replayed = rotations.iter().filter(|r| matches!(r, Rotation::Replayed { .. })).count();
    let unknown = rotations.iter().filter(|r| matches!(r, Rotation::Unknown)).count();
    assert_eq!((replayed, unknown), (1, rotations.len() - 1), "{rotations:?}");
    assert_eq!(database.store.sessions(user.id, late).await.expect("read"), []);
}

async fn ending_and_rotating_at_once_ends_it(database: Database) {
    let user = add_user(&database.store, "ada", Role::Viewer).await;
    for _ in 0..5 {
        let session = new_session(&user);
        database.store.open_session(session.clone()).await.expect("open");
        let ended = at_once(&database, async |store, n| match n % 4 {
            0 => store.end_session(user.id, session.id).await.expect("end"),
            1 if n == 9 => store.end_sessions(user.id, None).await.expect("end") == 1,
            _ => {
                rotate(&store, session.refresh, at(1)).await;
                false
            }
        })
        .await;
        assert_eq!(ended.iter().filter(|ended| **ended).count(), 1);
        assert_eq!(database.number("SELECT count(*) FROM session").await, 0);
        assert_eq!(database.number("SELECT count(*) FROM refresh_token").await, 0);
    }
}

async fn an_unknown_token_does_nothing(database: Database) {
    let (rotation, _) = rotate(&database.store, random_token(), at(0)).await;
    assert!(matches!(rotation, Rotation::Unknown), "{rotation:?}");
    assert_eq!(database.number("SELECT count(*) FROM refresh_token").await, 0);
}

async fn a_token_of_an_expired_session_does_nothing(database: Database) {
    let store = &database.store;
    let (user, session) = ada(store).await;
    let (rotation, _) = rotate(store, session.refresh, at(LIFETIME)).await;
    assert!(matches!(rotation, Rotation::Unknown), "{rotation:?}");
    assert_eq!(store.sessions(user.id, at(LIFETIME)).await.expect("read"), []);
    next(store, session.refresh, at(LIFETIME - 1)).await;
}

async fn a_token_of_a_disabled_user_does_nothing(database: Database) {
    let store = &database.store;
    let (_, session) = ada(store).await;
    // Behind the store's back, which would end the session.
    database.sql("UPDATE user_account SET disabled = true").await;
    let (rotation, _) = rotate(store, session.refresh, at(1)).await;
    assert!(matches!(rotation, Rotation::Unknown), "{rotation:?}");
    assert_eq!(store.session_standings(&[session.id], at(1)).await.expect("read").len(), 0);
}

async fn standings_are_of_sessions_that_live(database: Database) {
    let store = &database.store;
    let (user, session) = ada(store).await;
    let eve = add_user(store, "eve", Role::Viewer).await;
    let ended = add_session(store, &eve).await;
    store.end_session(eve.id, ended.id).await.expect("end");
    // More than one statement asks for.
    let mut ids: Vec<Uuid> = (0..2_500).map(|_| Uuid::new_v4()).collect();
    ids.extend([session.id, ended.id]);
    let standings = store.session_standings(&ids, at(LIFETIME - 1)).await.expect("read");
    let known: Vec<_> = standings.into_iter().map(|s| (s.session.id, s.user)).collect();
    assert_eq!(known, [(session.id, user)]);
    assert_eq!(store.session_standings(&ids, at(LIFETIME)).await.expect("read").len(), 0);
    assert_eq!(store.session_standings(&[], at(0)).await.expect("read").len(), 0);
}

async fn a_session_is_ended_by_its_user_alone(database: Database) {
    let store = &database.store;
    let (user, session) = ada(store).await;
    let eve = add_user(store, "eve", Role::Viewer).await;
    assert!(!store.end_session(eve.id, session.id).await.expect("try"));
    assert!(store.end_session(user.id, session.id).await.expect("end"));
    assert!(!store.end_session(user.id, session.id).await.expect("try"));
    assert_eq!(live_tokens(&database).await, 0);
}

async fn sessions_are_ended_but_one(database: Database) {
    let store = &database.store;
    let user = add_user(store, "ada", Role::Viewer).await;
    let eve = add_user(store, "eve", Role::Viewer).await;
    let others = add_session(store, &eve).await;
    let kept = add_session(store, &user).await;
    // More than one statement ends.
    for _ in 0..501 {
        add_session(store, &user).await;
    }
    assert_eq!(store.end_sessions(user.id, Some(kept.id)).await.expect("end"), 501);
    assert_eq!(store.sessions(user.id, at(0)).await.expect("read"), [kept]);
    assert_eq!(store.end_sessions(user.id, None).await.expect("end"), 1);
    assert_eq!(store.end_sessions(user.id, None).await.expect("end"), 0);
    assert_eq!(store.sessions(eve.id, at(0)).await.expect("read"), [others]);
    assert_eq!(live_tokens(&database).await, 1);
}

async fn expired_sessions_and_tokens_are_removed(database: Database) {
    let store = &database.store;
    let (user, used) = ada(store).await;
    for _ in 0..2 {
        add_session(store, &user).await;
    }
    next(store, used.refresh, at(LIFETIME - 1)).await;
    assert_eq!(store.remove_expired_sessions(at(LIFETIME - 1)).await.expect("remove"), 0);
    assert_eq!(database.number("SELECT count(*) FROM refresh_token").await, 4);
    // Of the one that lives, the first token would have expired without a use.
    assert_eq!(store.remove_expired_sessions(at(LIFETIME + 1)).await.expect("remove"), 2);
    let left = store.sessions(user.id, at(0)).await.expect("read");
    assert_eq!(left.iter().map(|session| session.id).collect::<Vec<_>>(), [used.id]);
    assert_eq!(database.number("SELECT count(*) FROM refresh_token").await, 1);
    assert_eq!(live_tokens(&database).await, 1);
}
