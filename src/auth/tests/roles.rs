//! What each role may, by a session and by API tokens.

use super::*;

#[tokio::test]
async fn each_role_may_what_the_ones_before_it_may() {
    let fixture = Fixture::new().await;
    fixture.user("viewer", Role::Viewer).await;
    fixture.user("member", Role::Member).await;
    for (name, member, admin) in
        [("viewer", false, false), ("member", true, false), ("root", true, true)]
    {
        let caller = fixture.caller(name).await;
        assert!(caller.viewer().is_ok(), "{name}");
        assert_eq!(caller.member().err(), (!member).then_some(Denied::Forbidden(Role::Member)));
        assert_eq!(caller.admin().err(), (!admin).then_some(Denied::Forbidden(Role::Admin)));
    }
}

#[tokio::test]
async fn nobody_in_particular_may_nothing() {
    let nobody = Caller::anonymous(peer(1));
    assert_eq!(nobody.user(), None);
    assert_eq!(nobody.viewer().err(), Some(Denied::Unauthenticated));
    assert_eq!(nobody.member().err(), Some(Denied::Unauthenticated));
    assert_eq!(nobody.admin().err(), Some(Denied::Unauthenticated));
}

#[tokio::test]
async fn a_token_for_reading_makes_a_viewer_of_an_admin() {
    let fixture = Fixture::new().await;
    let (token, secret) = fixture.token("root", TokenScope::Read).await;
    assert!(secret.expose_secret().starts_with(&token.prefix));
    let caller = fixture.caller_by(&secret).await.unwrap();
    assert!(caller.viewer().is_ok());
    assert_eq!(caller.member().err(), Some(Denied::Forbidden(Role::Member)));
    assert_eq!(caller.admin().err(), Some(Denied::Forbidden(Role::Admin)));
}

#[tokio::test]
async fn a_token_for_administration_is_what_its_owner_is() {
    let fixture = Fixture::new().await;
    let other = fixture.user("other", Role::Admin).await;
    let (_, secret) = fixture.token("other", TokenScope::Admin).await;
    assert!(fixture.caller_by(&secret).await.unwrap().admin().is_ok());
    let change = crate::store::UserChange { role: Some(Role::Member), ..Default::default() };
    fixture.auth.change_user(&fixture.root().await, other.id, change).await.unwrap();
    let caller = fixture.caller_by(&secret).await.unwrap();
    assert!(caller.member().is_ok());
    assert_eq!(caller.admin().err(), Some(Denied::Forbidden(Role::Admin)));
}

#[tokio::test]
async fn a_token_for_administration_takes_an_admin_to_make() {
    let fixture = Fixture::new().await;
    fixture.user("member", Role::Member).await;
    let member = fixture.caller("member").await.member().unwrap();
    let made = fixture.auth.create_token(&member, "t".into(), TokenScope::Admin, None).await;
    assert!(matches!(made, Err(AuthError::Forbidden(_))), "{made:?}");
}

#[tokio::test]
async fn a_token_makes_no_tokens_changes_no_password_and_ends_no_sessions() {
    let fixture = Fixture::new().await;
    let (_, secret) = fixture.token("root", TokenScope::Admin).await;
    let caller = fixture.caller_by(&secret).await.unwrap();
    let (viewer, member) = (caller.viewer().unwrap(), caller.member().unwrap());
    assert_eq!(viewer.session(), None);
    let auth = &fixture.auth;
    let change = PasswordChange { current: PASSWORD.into(), new: "another password".into() };
    let refused = [
        auth.create_token(&member, "more".into(), TokenScope::Read, None).await.err(),
        auth.change_password(&viewer, change).await.err(),
        auth.change_profile(&viewer, Some("Root".into()), None).await.err(),
        auth.sessions(&viewer).await.err(),
        auth.end_session(&viewer, uuid::Uuid::nil()).await.err(),
        auth.end_sessions(&viewer, false).await.err(),
        auth.sign_out(&viewer).await.err(),
    ];
    for error in refused {
        assert!(matches!(error, Some(AuthError::Forbidden(_))), "{error:?}");
    }
}

#[tokio::test]
async fn a_token_is_good_until_it_expires_or_is_revoked() {
    let fixture = Fixture::new().await;
    let root = fixture.root().await;
    let past = Some(now() - chrono::TimeDelta::seconds(1));
    let made = fixture.auth.create_token(root.member(), "t".into(), TokenScope::Read, past).await;
    assert!(matches!(made, Err(AuthError::BadInput("expiresAt", _))), "{made:?}");
    let soon = Some(now() + chrono::TimeDelta::milliseconds(300));
    let (_, short) =
        fixture.auth.create_token(root.member(), "s".into(), TokenScope::Read, soon).await.unwrap();
    let caller = fixture.caller_by(&short).await.unwrap();
    assert_eq!(caller.ended().await, Ended::Expired);
    let expired = fixture.caller_by(&short).await;
    assert!(is_unauthenticated(&expired), "{expired:?}");
    let (token, secret) = fixture.token("root", TokenScope::Read).await;
    assert!(fixture.caller_by(&secret).await.is_ok());
    fixture.auth.revoke_token(root.member(), token.id).await.unwrap();
    let revoked = fixture.caller_by(&secret).await;
    assert!(is_unauthenticated(&revoked), "{revoked:?}");
}

#[tokio::test]
async fn somebody_elses_token_takes_an_admin_to_revoke() {
    let fixture = Fixture::new().await;
    fixture.user("one", Role::Member).await;
    fixture.user("two", Role::Member).await;
    let (token, _) = fixture.token("one", TokenScope::Read).await;
    let two = fixture.caller("two").await.member().unwrap();
    let refused = fixture.auth.revoke_token(&two, token.id).await;
    assert!(matches!(refused, Err(AuthError::NotFound)), "{refused:?}");
    assert_eq!(fixture.auth.tokens(&two).await.unwrap(), []);
    let root = fixture.root().await;
    assert_eq!(fixture.auth.all_tokens(&root).await.unwrap().len(), 1);
    fixture.auth.revoke_token(root.member(), token.id).await.unwrap();
}

#[tokio::test]
async fn the_use_of_a_token_is_noted_and_not_at_every_use() {
    let fixture = Fixture::new().await;
    let (token, secret) = fixture.token("root", TokenScope::Read).await;
    let used = || async {
        let tokens = fixture.store.api_tokens(Some(token.owner)).await.unwrap();
        tokens[0].last_used_at
    };
    assert_eq!(used().await, None);
    fixture.caller_by(&secret).await.unwrap();
    let first = used().await;
    assert!(first.is_some());
    for _ in 0..3 {
        fixture.caller_by(&secret).await.unwrap();
    }
    assert_eq!(used().await, first);
}

#[tokio::test]
async fn a_user_has_a_hundred_tokens_and_no_more() {
    let fixture = Fixture::new().await;
    let root = fixture.root().await;
    let create =
        |name: String| fixture.auth.create_token(root.member(), name, TokenScope::Read, None);
    for i in 0..100 {
        create(i.to_string()).await.unwrap();
    }
    let more = create("more".into()).await;
    assert!(matches!(more, Err(AuthError::BadInput("name", _))), "{more:?}");
}

#[tokio::test]
async fn saved_searches_are_changed_by_their_owner_alone() {
    let fixture = Fixture::new().await;
    fixture.user("one", Role::Member).await;
    fixture.user("two", Role::Member).await;
    let one = fixture.caller("one").await.member().unwrap();
    let two = fixture.caller("two").await.member().unwrap();
    let auth = &fixture.auth;
    let shared = auth.save_search(&one, "shared".into(), "{}".into(), true).await.unwrap();
    let own = auth.save_search(&one, "own".into(), "{}".into(), false).await.unwrap();
    let taken = auth.save_search(&one, "own".into(), "{}".into(), false).await;
    assert!(matches!(taken, Err(AuthError::NameTaken)), "{taken:?}");
    assert_eq!(auth.search(two.viewer(), shared.id).await.unwrap(), shared);
    let hidden = auth.search(two.viewer(), own.id).await;
    assert!(matches!(hidden, Err(AuthError::NotFound)), "{hidden:?}");
    assert_eq!(auth.searches(two.viewer()).await.unwrap(), std::slice::from_ref(&shared));
    let change = crate::store::SearchChange { filter: Some("{}".into()), ..Default::default() };
    let changed = auth.change_search(&two, shared.id, change).await;
    assert!(matches!(changed, Err(AuthError::NotFound)), "{changed:?}");
    let removed = auth.remove_search(&two, shared.id).await;
    assert!(matches!(removed, Err(AuthError::NotFound)), "{removed:?}");
    auth.remove_search(&one, shared.id).await.unwrap();
}

#[tokio::test]
async fn texts_that_cannot_be_are_refused_before_anything_happens() {
    let fixture = Fixture::new().await;
    let root = fixture.root().await;
    let (auth, member) = (&fixture.auth, root.member());
    let with = |change: fn(&mut NewAccount)| {
        let mut new = account("ada");
        change(&mut new);
        new
    };
    for (argument, new) in [
        ("password", with(|new| new.password = "short".into())),
        ("displayName", with(|new| new.display_name = Some("a\nb".into()))),
        ("email", with(|new| new.email = Some("nowhere".into()))),
        ("scope", with(|new| new.scope = Some("x".repeat(16 * 1_024 + 1)))),
    ] {
        let made = auth.create_user(&root, new).await;
        assert!(matches!(made, Err(AuthError::BadInput(a, _)) if a == argument), "{made:?}");
    }
    let token = auth.create_token(member, "\0".into(), TokenScope::Read, None).await;
    assert!(matches!(token, Err(AuthError::BadInput("name", _))), "{token:?}");
    let search = auth.save_search(member, String::new(), "{}".into(), false).await;
    assert!(matches!(search, Err(AuthError::BadInput("name", _))), "{search:?}");
    assert_eq!(auth.users(&root, None, 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_last_admin_stays() {
    let fixture = Fixture::new().await;
    let root = fixture.root().await;
    let id = root.viewer().user().id;
    let demote = crate::store::UserChange { role: Some(Role::Viewer), ..Default::default() };
    let demoted = fixture.auth.change_user(&root, id, demote).await;
    assert!(matches!(demoted, Err(AuthError::LastAdmin)), "{demoted:?}");
    let removed = fixture.auth.remove_user(&root, id).await;
    assert!(matches!(removed, Err(AuthError::LastAdmin)), "{removed:?}");
    let bearer = fixture.sign_in("root").await.access_token;
    assert!(fixture.caller_by(&bearer).await.is_ok(), "what failed ended nothing");
}
