//! Attacks on the sign-in.

use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version};

use super::*;

async fn fail(fixture: &Fixture, username: &str, from: u8) -> AuthError {
    fixture.auth.sign_in(username, "wrong password".into(), &peer(from)).await.unwrap_err()
}

#[tokio::test]
async fn signing_in_gives_a_token_that_names_the_user() {
    let fixture = Fixture::new().await;
    let before = now();
    let signed_in = fixture.auth.sign_in("ROOT", PASSWORD.into(), &peer(1)).await.unwrap();
    assert!(signed_in.access_expires_at <= before + chrono::TimeDelta::seconds(602));
    let caller = fixture.caller_by(&signed_in.access_token).await.unwrap();
    assert_eq!(caller.user().map(|user| user.username.as_str()), Some("root"));
    let sessions = fixture.auth.sessions(&caller.viewer().unwrap()).await.unwrap();
    assert_eq!(sessions.len(), 1);
    assert_eq!(sessions[0].address, Some(peer(1).address));
    assert_eq!(Some(sessions[0].id), caller.viewer().unwrap().session());
    let root = fixture.store.user(signed_in.user.id).await.unwrap().unwrap();
    assert!(root.last_sign_in.is_some_and(|at| at >= before));
}

#[tokio::test]
async fn an_unknown_user_costs_the_same_work_and_gets_the_same_answer() {
    let fixture = Fixture::new().await;
    for name in ["root", "nobody", "no such\0name", "' or 1=1 --", ""] {
        let before = fixture.auth.inner.hasher.verified();
        let error = fail(&fixture, name, 7).await;
        assert!(matches!(error, AuthError::WrongCredentials), "{name:?}: {error}");
        assert_eq!(fixture.auth.inner.hasher.verified(), before + 1, "{name:?}");
    }
}

#[tokio::test]
async fn a_disabled_user_is_told_apart_neither_by_the_answer_nor_by_the_work() {
    let fixture = Fixture::new().await;
    let ada = fixture.user("ada", Role::Viewer).await;
    let change = crate::store::UserChange { disabled: Some(true), ..Default::default() };
    fixture.auth.change_user(&fixture.root().await, ada.id, change).await.unwrap();
    let before = fixture.auth.inner.hasher.verified();
    let error = fixture.auth.sign_in("ada", PASSWORD.into(), &peer(1)).await.unwrap_err();
    assert!(matches!(error, AuthError::WrongCredentials), "{error}");
    assert_eq!(fixture.auth.inner.hasher.verified(), before + 1);
}

#[tokio::test]
async fn a_password_longer_than_any_is_wrong_without_work() {
    let fixture = Fixture::new().await;
    let before = fixture.auth.inner.hasher.verified();
    let attempt = fixture.auth.sign_in("root", "x".repeat(1 << 20).into(), &peer(1)).await;
    assert!(matches!(attempt, Err(AuthError::WrongCredentials)), "{attempt:?}");
    assert_eq!(fixture.auth.inner.hasher.verified(), before);
}

#[tokio::test]
async fn a_hundred_guesses_at_once_are_five() {
    let fixture = Fixture::new().await;
    let guesses = (0..100).map(|_| fail(&fixture, "root", 9));
    let errors = futures_util::future::join_all(guesses).await;
    let wrong = |error: &&AuthError| matches!(error, AuthError::WrongCredentials);
    assert_eq!(errors.iter().filter(wrong).count(), 5);
    for error in errors.iter().filter(|error| !wrong(error)) {
        assert!(matches!(error, AuthError::TooManyAttempts { .. }), "{error}");
    }
}

#[tokio::test]
async fn where_guesses_have_to_wait_the_right_password_does_too_and_elsewhere_it_does_not() {
    let fixture = Fixture::new().await;
    fixture.exhaust(Target::Account("root".parse().unwrap()), &peer(9));
    let attempt = fixture.auth.sign_in("root", PASSWORD.into(), &peer(9)).await;
    assert!(matches!(attempt, Err(AuthError::TooManyAttempts { .. })), "{attempt:?}");
    assert!(fixture.auth.sign_in("root", PASSWORD.into(), &peer(10)).await.is_ok());
}

#[tokio::test]
async fn a_password_hashed_with_old_parameters_is_hashed_anew() {
    let fixture = Fixture::new().await;
    let weak = Params::new(64, 1, 1, None).unwrap();
    let old = Argon2::new(Algorithm::Argon2id, Version::V0x13, weak);
    let old = old.hash_password(PASSWORD.as_bytes()).unwrap().to_string();
    fixture.store.add_user(new_user("old", Role::Viewer, old.into())).await.unwrap();
    fixture.sign_in("old").await;
    let name = "old".parse().unwrap();
    let credentials = fixture.store.credentials(&name).await.unwrap().unwrap();
    let hash = credentials.password.expose_secret();
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    fixture.sign_in("old").await;
}

#[tokio::test]
async fn a_changed_password_is_the_only_one_that_counts() {
    let fixture = Fixture::new().await;
    let viewer = fixture.caller("root").await.viewer().unwrap();
    let change =
        |current: &str, new: &str| PasswordChange { current: current.into(), new: new.into() };
    let wrong =
        fixture.auth.change_password(&viewer, change("a wrong one", "another password")).await;
    assert!(matches!(wrong, Err(AuthError::WrongCredentials)), "{wrong:?}");
    let short = fixture.auth.change_password(&viewer, change(PASSWORD, "short")).await;
    assert!(matches!(short, Err(AuthError::BadInput("new", _))), "{short:?}");
    fixture.auth.change_password(&viewer, change(PASSWORD, "another password")).await.unwrap();
    let old = fixture.auth.sign_in("root", PASSWORD.into(), &peer(1)).await;
    assert!(matches!(old, Err(AuthError::WrongCredentials)), "{old:?}");
    fixture.auth.sign_in("root", "another password".into(), &peer(1)).await.unwrap();
}

#[tokio::test]
async fn guessing_the_current_password_in_a_stolen_session_is_throttled() {
    let fixture = Fixture::new().await;
    let viewer = fixture.caller("root").await.viewer().unwrap();
    let change = |current: &str| PasswordChange { current: current.into(), new: PASSWORD.into() };
    let mut guesses = 0;
    loop {
        let error = fixture.auth.change_password(&viewer, change("a guess")).await.unwrap_err();
        if matches!(error, AuthError::TooManyAttempts { .. }) {
            break;
        }
        assert!(matches!(error, AuthError::WrongCredentials), "{error}");
        guesses += 1;
    }
    // The fifth brings a second's wait, which a slow machine may spend on the guess itself.
    assert!((5..10).contains(&guesses), "{guesses} guesses");
    fixture.exhaust(Target::Account("root".parse().unwrap()), &peer(1));
    let error = fixture.auth.change_password(&viewer, change(PASSWORD)).await.unwrap_err();
    assert!(matches!(error, AuthError::TooManyAttempts { .. }), "{error}");
}

#[tokio::test]
async fn the_audit_log_names_who_tried_in_a_few_words() {
    let fixture = Fixture::new().await;
    let name = format!("mallory\n\0{}", "x".repeat(1_000));
    let nobody = Caller::anonymous(peer(3));
    fixture.auth.note(&nobody, "login", Some(&name), "UNAUTHENTICATED").await;
    fixture.auth.note(&fixture.caller("root").await, "createUser", Some("ada"), "OK").await;
    let acts = fixture.acts().await;
    let (made, tried) = (&acts[0].act, &acts[1].act);
    assert_eq!((made.actor.as_str(), made.target.as_deref()), ("root", Some("ada")));
    assert!(made.user.is_some() && tried.user.is_none());
    assert_eq!(tried.actor.chars().count(), 256);
    assert!(tried.actor.starts_with("mallory") && !tried.actor.contains(char::is_control));
    assert_eq!(tried.address, Some(peer(3).address));
}
