//! Signing keys between nodes, and what becomes of old ones.

use super::*;

#[tokio::test]
async fn every_node_signs_with_the_key_in_the_database() {
    let fixture = Fixture::new().await;
    let other = fixture.other_node().await;
    let here = fixture.sign_in("root").await;
    let there = other.sign_in("root", PASSWORD.into(), &peer(1)).await.unwrap();
    assert!(other.authenticate(here.access_token.expose_secret(), peer(1)).await.is_ok());
    assert!(fixture.caller_by(&there.access_token).await.is_ok());
    assert_eq!(fixture.store.signing_keys().await.unwrap().len(), 1);
}

#[tokio::test]
async fn after_a_rotation_old_tokens_stay_good_and_new_ones_are_good_everywhere() {
    let fixture = Fixture::new().await;
    let other = fixture.other_node().await;
    let old = fixture.sign_in("root").await;
    fixture.auth.rotate_signing_key(&fixture.root().await).await.unwrap();
    let new = fixture.sign_in("root").await;
    let key = |signed_in: &SignedIn| jwt::key_name(signed_in.access_token.expose_secret()).unwrap();
    assert_ne!(key(&old), key(&new));
    for auth in [&fixture.auth, &other] {
        for signed_in in [&old, &new] {
            let bearer = signed_in.access_token.expose_secret();
            auth.authenticate(bearer, peer(1)).await.unwrap();
        }
    }
    let there = other.sign_in("root", PASSWORD.into(), &peer(1)).await.unwrap();
    assert_eq!(key(&there), key(&new), "it signs with the new one too");
}

#[tokio::test]
async fn keys_of_the_configuration_are_rotated_there() {
    let secrets = |all: [&str; 2]| all.map(|one| SecretString::from(one.repeat(32))).to_vec();
    let options = |all| Options { jwt_secrets: secrets(all), ..Options::default() };
    let fixture = Fixture::with(options(["b", "a"])).await;
    assert!(fixture.store.signing_keys().await.unwrap().is_empty());
    let signed_in = fixture.sign_in("root").await;
    let refused = fixture.auth.rotate_signing_key(&fixture.root().await).await;
    assert!(matches!(refused, Err(AuthError::BadInput("jwt-secret", _))), "{refused:?}");
    for (secrets, good) in [(["b", "c"], true), (["c", "b"], true), (["c", "d"], false)] {
        let auth = Auth::open(fixture.store.clone(), options(secrets)).await.unwrap();
        let bearer = signed_in.access_token.expose_secret();
        assert_eq!(auth.authenticate(bearer, peer(1)).await.is_ok(), good, "{secrets:?}");
    }
}

#[tokio::test]
async fn a_secret_that_is_too_short_stops_the_start() {
    let fixture = Fixture::new().await;
    let options = Options { jwt_secrets: vec!["too short".into()], ..Options::default() };
    let refused = Auth::open(fixture.store.clone(), options).await.map(drop);
    assert!(matches!(refused, Err(AuthError::BadInput("jwt-secret", _))), "{refused:?}");
}

#[tokio::test]
async fn tokens_of_another_database_are_worth_nothing() {
    let (here, there) = (Fixture::new().await, Fixture::new().await);
    let signed_in = there.sign_in("root").await;
    let refused = here.caller_by(&signed_in.access_token).await;
    assert!(is_unauthenticated(&refused), "{refused:?}");
}
