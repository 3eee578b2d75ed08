//! The first user.

use super::*;

async fn token(auth: &Auth) -> SecretString {
    match auth.first_user(None).await.unwrap() {
        FirstUser::ByToken(token) => token,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_password_in_the_configuration_makes_an_admin_once() {
    let fixture = Fixture::empty(Options::default()).await;
    let password = SecretString::from(PASSWORD);
    let made = fixture.auth.first_user(Some(&password)).await.unwrap();
    assert!(matches!(made, FirstUser::Made(name) if name.as_str() == "admin"));
    assert!(fixture.caller("admin").await.admin().is_ok());
    let again = fixture.auth.first_user(Some(&"another password".into())).await.unwrap();
    assert!(matches!(again, FirstUser::Exists), "{again:?}");
    assert!(matches!(fixture.auth.first_user(None).await.unwrap(), FirstUser::Exists));
    fixture.sign_in("admin").await;
}

#[tokio::test]
async fn a_password_that_cannot_be_one_makes_nobody() {
    let fixture = Fixture::empty(Options::default()).await;
    let refused = fixture.auth.first_user(Some(&"short".into())).await;
    assert!(matches!(refused, Err(AuthError::BadInput("admin-password", _))), "{refused:?}");
    assert!(!fixture.store.has_users().await.unwrap());
}

#[tokio::test]
async fn of_several_nodes_at_once_one_makes_the_admin() {
    let fixture = Fixture::empty(Options::default()).await;
    let other = fixture.other_node().await;
    let password = SecretString::from(PASSWORD);
    let nodes = [&fixture.auth, &other, &fixture.auth, &other];
    let made = nodes.map(|auth| auth.first_user(Some(&password)));
    let made = futures_util::future::try_join_all(made).await.unwrap();
    let count = made.iter().filter(|first| matches!(first, FirstUser::Made(_))).count();
    assert_eq!(count, 1);
    assert_eq!(fixture.store.users(None, 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_set_up_token_makes_an_admin_and_signs_in_once() {
    let fixture = Fixture::empty(Options::default()).await;
    let token = token(&fixture.auth).await;
    let first = NewAccount { scope: Some("{}".into()), ..account("ada") };
    let signed_in = fixture.auth.set_up(&token, first, &peer(1)).await.unwrap();
    assert_eq!((signed_in.user.role, &signed_in.user.scope), (Role::Admin, &None));
    let caller = fixture.caller_by(&signed_in.access_token).await.unwrap();
    assert!(caller.admin().is_ok());
    let again = fixture.auth.set_up(&token, account("bob"), &peer(1)).await;
    assert!(is_unauthenticated(&again), "{again:?}");
    assert!(matches!(fixture.auth.first_user(None).await.unwrap(), FirstUser::Exists));
}

#[tokio::test]
async fn a_fresh_set_up_token_takes_the_place_of_the_one_before() {
    let fixture = Fixture::empty(Options::default()).await;
    let (old, new) = (token(&fixture.auth).await, token(&fixture.auth).await);
    let refused = fixture.auth.set_up(&old, account("ada"), &peer(1)).await;
    assert!(is_unauthenticated(&refused), "{refused:?}");
    fixture.auth.set_up(&new, account("ada"), &peer(1)).await.unwrap();
}

#[tokio::test]
async fn guessing_the_set_up_token_is_throttled_and_a_mistyped_name_spends_nothing() {
    let fixture = Fixture::empty(Options::default()).await;
    let token = token(&fixture.auth).await;
    let short = NewAccount { password: "short".into(), ..account("ada") };
    for _ in 0..10 {
        let refused = fixture.auth.set_up(&token, short.clone(), &peer(1)).await;
        assert!(matches!(refused, Err(AuthError::BadInput("password", _))), "{refused:?}");
    }
    let guess = "A".repeat(43).into();
    let refused = fixture.auth.set_up(&guess, account("ada"), &peer(1)).await;
    assert!(is_unauthenticated(&refused), "{refused:?}");
    fixture.exhaust(Target::SetUp, &peer(1));
    let refused = fixture.auth.set_up(&token, account("ada"), &peer(1)).await;
    assert!(matches!(refused, Err(AuthError::TooManyAttempts { .. })), "{refused:?}");
    fixture.auth.set_up(&token, account("ada"), &peer(2)).await.unwrap();
}

#[tokio::test]
async fn of_two_who_have_the_token_one_is_first() {
    let fixture = Fixture::empty(Options::default()).await;
    let token = token(&fixture.auth).await;
    let (here, there) = (peer(1), peer(2));
    let (one, two) = tokio::join!(
        fixture.auth.set_up(&token, account("ada"), &here),
        fixture.auth.set_up(&token, account("bob"), &there),
    );
    assert_ne!(one.is_ok(), two.is_ok());
    assert_eq!(fixture.store.users(None, 10).await.unwrap().len(), 1);
}
