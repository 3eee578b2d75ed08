//! Refresh tokens: raced, lost and stolen.

use futures_util::future::join_all;

use super::*;

fn short_grace() -> Options {
    Options { refresh_grace: Duration::ZERO, ..Options::default() }
}

#[tokio::test]
async fn a_refresh_gives_the_next_token_of_the_same_session() {
    let fixture = Fixture::new().await;
    let first = fixture.sign_in("root").await;
    let second = fixture.auth.refresh(&first.refresh_token, &peer(1)).await.unwrap();
    assert_ne!(first.refresh_token.expose_secret(), second.refresh_token.expose_secret());
    assert!(second.refresh_expires_at >= first.refresh_expires_at);
    let session = |caller: Caller| caller.viewer().unwrap().session().unwrap();
    let before = session(fixture.caller_by(&first.access_token).await.unwrap());
    let after = session(fixture.caller_by(&second.access_token).await.unwrap());
    assert_eq!(before, after);
}

#[tokio::test]
async fn of_many_refreshes_at_once_every_one_is_answered_and_one_successor_lives() {
    let fixture = Fixture::with(Options::default()).await;
    let first = fixture.sign_in("root").await;
    let (here, there) = (peer(1), peer(2));
    let other = fixture.other_node().await;
    let races = (0..20).map(|i| match i % 2 {
        0 => fixture.auth.refresh(&first.refresh_token, &here),
        _ => other.refresh(&first.refresh_token, &there),
    });
    let refreshed: Vec<SignedIn> =
        join_all(races).await.into_iter().collect::<Result<_, _>>().unwrap();
    for signed_in in &refreshed {
        assert!(fixture.caller_by(&signed_in.access_token).await.is_ok());
    }
    // Past the grace the live one alone is good; any other ends the session.
    let strict = Auth::open(connect(&fixture.directory).await, short_grace()).await.unwrap();
    let mut good = 0;
    for signed_in in &refreshed {
        good += usize::from(strict.refresh(&signed_in.refresh_token, &peer(1)).await.is_ok());
    }
    assert!(good <= 1, "{good} successors were alive");
}

#[tokio::test]
async fn a_token_used_again_late_ends_the_session_and_is_written_down() {
    let fixture = Fixture::with(short_grace()).await;
    let first = fixture.sign_in("root").await;
    let second = fixture.auth.refresh(&first.refresh_token, &peer(1)).await.unwrap();
    let watching = fixture.caller_by(&second.access_token).await.unwrap().ended();
    let replayed = fixture.auth.refresh(&first.refresh_token, &peer(66)).await;
    assert!(is_unauthenticated(&replayed), "{replayed:?}");
    assert_eq!(watching.await, Ended::Revoked);
    let after = fixture.auth.refresh(&second.refresh_token, &peer(1)).await;
    assert!(is_unauthenticated(&after), "the family is over: {after:?}");
    let access = fixture.caller_by(&second.access_token).await;
    assert!(is_unauthenticated(&access), "{access:?}");
    let act = &fixture.acts().await[0].act;
    assert_eq!((act.actor.as_str(), act.action.as_str()), ("root", "refresh"));
    assert_eq!((act.outcome.as_str(), act.address), ("REPLAYED", Some(peer(66).address)));
}

#[tokio::test]
async fn what_is_no_refresh_token_refreshes_nothing() {
    let fixture = Fixture::new().await;
    let signed_in = fixture.sign_in("root").await;
    let access = signed_in.access_token.expose_secret();
    for wrong in ["", "\0", "tw_", access, &"A".repeat(43), &"A".repeat(1 << 20)] {
        let refreshed = fixture.auth.refresh(&wrong.into(), &peer(1)).await;
        assert!(is_unauthenticated(&refreshed), "{refreshed:?}");
    }
    let as_bearer = fixture.caller_by(&signed_in.refresh_token).await;
    assert!(is_unauthenticated(&as_bearer), "a refresh token opens no door: {as_bearer:?}");
}

#[tokio::test]
async fn a_refresh_brings_the_role_of_today() {
    let fixture = Fixture::new().await;
    let ada = fixture.user("ada", Role::Viewer).await;
    let signed_in = fixture.sign_in("ada").await;
    let change = crate::store::UserChange { role: Some(Role::Member), ..Default::default() };
    fixture.auth.change_user(&fixture.root().await, ada.id, change).await.unwrap();
    let stale = fixture.caller_by(&signed_in.access_token).await;
    assert!(is_unauthenticated(&stale), "{stale:?}");
    let fresh = fixture.auth.refresh(&signed_in.refresh_token, &peer(1)).await.unwrap();
    let caller = fixture.caller_by(&fresh.access_token).await.unwrap();
    assert!(caller.member().is_ok());
}

#[tokio::test]
async fn a_disabled_or_removed_user_refreshes_no_more() {
    let fixture = Fixture::new().await;
    let root = fixture.root().await;
    for (name, remove) in [("ada", false), ("bob", true)] {
        let user = fixture.user(name, Role::Viewer).await;
        let signed_in = fixture.sign_in(name).await;
        if remove {
            fixture.auth.remove_user(&root, user.id).await.unwrap();
        } else {
            let change = crate::store::UserChange { disabled: Some(true), ..Default::default() };
            fixture.auth.change_user(&root, user.id, change).await.unwrap();
        }
        let refreshed = fixture.auth.refresh(&signed_in.refresh_token, &peer(1)).await;
        assert!(is_unauthenticated(&refreshed), "{name}: {refreshed:?}");
        let access = fixture.caller_by(&signed_in.access_token).await;
        assert!(is_unauthenticated(&access), "{name}: {access:?}");
    }
}
