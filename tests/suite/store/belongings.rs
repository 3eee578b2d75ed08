//! API tokens and saved searches; signing keys; the audit log.

use std::slice::from_ref;

use secrecy::{ExposeSecret, SecretSlice};
use tailwater::store::{AccountError, SearchChange, SigningKey, Store, UserChange};
use tailwater::user::{Act, ApiToken, AuditEntry, Role, SavedSearch, TokenScope};
use uuid::Uuid;

use super::over_both_databases;
use super::people::{
    act, add_search, add_token, add_user, at, at_once, new_search, new_token, random_token,
};
use super::support::Database;

over_both_databases!(
    a_token_is_found_by_its_hash,
    the_name_of_a_token_is_its_owners,
    a_token_is_good_until_it_expires_or_its_owner_is_disabled,
    tokens_are_listed_newest_first,
    a_token_is_removed_by_its_owner_or_an_admin,
    the_latest_use_of_a_token_is_noted,
    a_search_comes_back_as_it_was_saved,
    a_search_is_used_by_its_owner_and_when_shared_by_all,
    the_name_of_a_search_is_its_owners,
    a_search_is_changed_and_removed_by_its_owner_alone,
    of_many_first_keys_one_is_kept,
    a_rotation_retires_the_keys_before,
    acts_are_read_newest_first_in_pages,
    old_acts_are_removed_however_many_there_are,
    an_act_is_written_down_whatever_its_text,
);

async fn a_token_is_found_by_its_hash(database: Database) {
    let store = &database.store;
    let ada = add_user(store, "ada", Role::Member).await;
    let mut new = new_token(&ada, "script");
    (new.scope, new.expires_at) = (TokenScope::Admin, Some(at(100)));
    let added = store.add_api_token(new.clone()).await.expect("add");
    let expected = ApiToken {
        id: added.id,
        owner: ada.id,
        name: "script".to_owned(),
        prefix: "tw_abcdef".to_owned(),
        scope: TokenScope::Admin,
        created_at: added.created_at,
        expires_at: Some(at(100)),
        last_used_at: None,
    };
    assert_eq!(added, expected);
    let standing = store.api_token(new.hash, at(0)).await.expect("read").expect("it is good");
    assert_eq!((standing.token, standing.user), (added, ada));
    assert!(store.api_token(random_token(), at(0)).await.expect("read").is_none());
}

async fn the_name_of_a_token_is_its_owners(database: Database) {
    let store = &database.store;
    let ada = add_user(store, "ada", Role::Member).await;
    let bob = add_user(store, "bob", Role::Member).await;
    add_token(store, &ada, "script").await;
    let again = store.add_api_token(new_token(&ada, "script")).await;
    assert!(matches!(again, Err(AccountError::NameTaken)), "{again:?}");
    add_token(store, &bob, "script").await;
    add_token(store, &ada, "Script").await;
}

async fn a_token_is_good_until_it_expires_or_its_owner_is_disabled(database: Database) {
    let store = &database.store;
    let ada = add_user(store, "ada", Role::Member).await;
    let lasting = new_token(&ada, "lasting");
    let mut brief = new_token(&ada, "brief");
    brief.expires_at = Some(at(100));
    let mut ids = Vec::new();
    for new in [&lasting, &brief] {
        ids.push(store.add_api_token(new.clone()).await.expect("add").id);
    }
    let good = async |second| {
        let mut good = Vec::new();
        for new in [&lasting, &brief] {
            good.push(store.api_token(new.hash, at(second)).await.expect("read").is_some());
        }
        let standings = store.api_token_standings(&ids, at(second)).await.expect("read");
        for (id, good) in ids.iter().zip(&good) {
            assert_eq!(standings.iter().any(|standing| standing.token.id == *id), *good);
        }
        good
    };
    assert_eq!(good(99).await, [true, true]);
    assert_eq!(good(100).await, [true, false]);
    let disabled = |disabled| UserChange { disabled: Some(disabled), ..Default::default() };
    store.change_user(ada.id, disabled(true)).await.expect("disable");
    assert_eq!(good(99).await, [false, false]);
    store.change_user(ada.id, disabled(false)).await.expect("enable");
    assert_eq!(good(99).await, [true, true]);
}

async fn tokens_are_listed_newest_first(database: Database) {
    let store = &database.store;
    let ada = add_user(store, "ada", Role::Member).await;
    let bob = add_user(store, "bob", Role::Member).await;
    let first = add_token(store, &ada, "first").await;
    let second = add_token(store, &bob, "second").await;
    let third = add_token(store, &ada, "third").await;
    let all = store.api_tokens(None).await.expect("read");
    assert_eq!(all, [third.clone(), second, first.clone()]);
    assert_eq!(store.api_tokens(Some(ada.id)).await.expect("read"), [third, first]);
}

async fn a_token_is_removed_by_its_owner_or_an_admin(database: Database) {
    let store = &database.store;
    let ada = add_user(store, "ada", Role::Member).await;
    let bob = add_user(store, "bob", Role::Member).await;
    let token = add_token(store, &ada, "one").await;
    let refused = store.remove_api_token(token.id, Some(bob.id)).await;
    assert!(matches!(refused, Err(AccountError::NotFound)), "{refused:?}");
    assert_eq!(store.remove_api_token(token.id, Some(ada.id)).await.expect("own"), token);
    let refused = store.remove_api_token(token.id, None).await;
    assert!(matches!(refused, Err(AccountError::NotFound)), "{refused:?}");
    let token = add_token(store, &ada, "one").await;
    assert_eq!(store.remove_api_token(token.id, None).await.expect("anybody's"), token);
    assert_eq!(store.api_tokens(None).await.expect("read"), []);
}

async fn the_latest_use_of_a_token_is_noted(database: Database) {
    let store = &database.store;
    let ada = add_user(store, "ada", Role::Member).await;
    let token = add_token(store, &ada, "script").await;
    for (used, latest) in [(5, 5), (9, 9), (7, 9)] {
        store.api_token_used(token.id, at(used)).await.expect("note");
        let known = &store.api_tokens(None).await.expect("read")[0];
        assert_eq!(known.last_used_at, Some(at(latest)));
    }
    store.api_token_used(Uuid::nil(), at(0)).await.expect("nothing happens");
}

async fn a_search_comes_back_as_it_was_saved(database: Database) {
    let store = &database.store;
    let ada = add_user(store, "ada", Role::Member).await;
    let mut new = new_search(&ada, "Grüße % _ ' \\");
    new.filter = r#"{ "text": "\u0000 %", "hosts": ["b", "a"] }"#.to_owned();
    let saved = store.add_search(new.clone()).await.expect("save");
    assert_eq!((saved.owner, saved.shared), (ada.id, false));
    assert_eq!((&saved.name, &saved.filter), (&new.name, &new.filter));
    assert_eq!(saved.created_at, saved.changed_at);
    assert_eq!(store.search(ada.id, saved.id).await.expect("read"), Some(saved));
    assert_eq!(store.search(ada.id, Uuid::nil()).await.expect("read"), None);
}

async fn share(store: &Store, search: &SavedSearch, shared: bool) -> SavedSearch {
    let change = SearchChange { shared: Some(shared), ..Default::default() };
    store.change_search(search.owner, search.id, change).await.expect("change")
}

async fn a_search_is_used_by_its_owner_and_when_shared_by_all(database: Database) {
    let store = &database.store;
    let ada = add_user(store, "ada", Role::Member).await;
    let bob = add_user(store, "bob", Role::Viewer).await;
    let own = add_search(store, &bob, "b").await;
    let search = add_search(store, &ada, "a").await;
    assert_eq!(store.search(bob.id, search.id).await.expect("read"), None);
    assert_eq!(store.searches(bob.id).await.expect("read"), from_ref(&own));
    let search = share(store, &search, true).await;
    assert_eq!(store.search(bob.id, search.id).await.expect("read"), Some(search.clone()));
    assert_eq!(store.searches(bob.id).await.expect("read"), [search.clone(), own.clone()]);
    assert_eq!(store.searches(ada.id).await.expect("read"), from_ref(&search));
    share(store, &search, false).await;
    assert_eq!(store.searches(bob.id).await.expect("read"), [own]);
}

async fn the_name_of_a_search_is_its_owners(database: Database) {
    let store = &database.store;
    let ada = add_user(store, "ada", Role::Member).await;
    let bob = add_user(store, "bob", Role::Member).await;
    add_search(store, &ada, "errors").await;
    let other = add_search(store, &ada, "other").await;
    add_search(store, &bob, "errors").await;
    let again = store.add_search(new_search(&ada, "errors")).await;
    assert!(matches!(again, Err(AccountError::NameTaken)), "{again:?}");
    let change = SearchChange { name: Some("errors".to_owned()), ..Default::default() };
    let again = store.change_search(ada.id, other.id, change).await;
    assert!(matches!(again, Err(AccountError::NameTaken)), "{again:?}");
    assert_eq!(store.search(ada.id, other.id).await.expect("read"), Some(other));
}

async fn a_search_is_changed_and_removed_by_its_owner_alone(database: Database) {
    let store = &database.store;
    let ada = add_user(store, "ada", Role::Member).await;
    let bob = add_user(store, "bob", Role::Admin).await;
    let saved = share(store, &add_search(store, &ada, "errors").await, true).await;
    let change =
        SearchChange { filter: Some("{}".to_owned()), name: Some("all".to_owned()), shared: None };
    let refused = store.change_search(bob.id, saved.id, change.clone()).await;
    assert!(matches!(refused, Err(AccountError::NotFound)), "{refused:?}");
    let refused = store.remove_search(bob.id, saved.id).await;
    assert!(matches!(refused, Err(AccountError::NotFound)), "{refused:?}");

    let changed = store.change_search(ada.id, saved.id, change).await.expect("change");
    assert_eq!((changed.name.as_str(), changed.filter.as_str()), ("all", "{}"));
    assert!(changed.shared && changed.changed_at >= saved.changed_at);
    assert_eq!(changed.created_at, saved.created_at);
    assert_eq!(store.search(ada.id, saved.id).await.expect("read"), Some(changed.clone()));
    assert_eq!(store.remove_search(ada.id, saved.id).await.expect("remove"), changed);
    let refused = store.remove_search(ada.id, saved.id).await;
    assert!(matches!(refused, Err(AccountError::NotFound)), "{refused:?}");
}

fn key(kid: &str, second: i64) -> SigningKey {
    SigningKey {
        kid: kid.to_owned(),
        secret: SecretSlice::from(kid.as_bytes().to_vec()),
        created_at: at(second),
        retired_at: None,
    }
}

/// The keys by name, with the second of their retirement.
async fn keys(store: &Store) -> Vec<(String, Option<i64>)> {
    let keys = store.signing_keys().await.expect("read");
    let known = |key: SigningKey| {
        assert_eq!(key.secret.expose_secret(), key.kid.as_bytes());
        (key.kid, key.retired_at.map(|retired| (retired - at(0)).num_seconds()))
    };
    keys.into_iter().map(known).collect()
}

async fn of_many_first_keys_one_is_kept(database: Database) {
    at_once(&database, async |store, n| {
        store.add_first_signing_key(key(&format!("key-{n}"), 0)).await.expect("add");
    })
    .await;
    let kept = keys(&database.store).await;
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!(kept[0].1, None);
}

async fn a_rotation_retires_the_keys_before(database: Database) {
    let store = &database.store;
    let name = |kid: &str, retired| (kid.to_owned(), retired);
    store.add_first_signing_key(key("a", 0)).await.expect("add");
    store.rotate_signing_key(key("b", 100), at(50)).await.expect("rotate");
    assert_eq!(keys(store).await, [name("b", None), name("a", Some(100))]);
    store.add_first_signing_key(key("x", 150)).await.expect("nothing happens");
    store.rotate_signing_key(key("c", 200), at(100)).await.expect("rotate");
    assert_eq!(keys(store).await, [name("c", None), name("b", Some(200)), name("a", Some(100))]);
    store.rotate_signing_key(key("d", 300), at(101)).await.expect("rotate");
    assert_eq!(keys(store).await, [name("d", None), name("c", Some(300)), name("b", Some(200))]);
    at_once(&database, async |store, n| {
        store.rotate_signing_key(key(&format!("key-{n}"), 400), at(0)).await.expect("rotate");
    })
    .await;
    let signing = keys(store).await.into_iter().filter(|(_, retired)| retired.is_none()).count();
    assert_eq!(signing, 1);
}

async fn acts_are_read_newest_first_in_pages(database: Database) {
    let store = &database.store;
    let ada = add_user(store, "ada", Role::Admin).await;
    assert_eq!(store.acts(None, 10).await.expect("read"), []);
    let mut written = Vec::new();
    for n in 0..7 {
        let mut act = act(&ada, &format!("mutation{n}"));
        if n % 2 == 0 {
            (act.user, act.address, act.target) = (None, None, Some("bob".to_owned()));
        }
        store.add_act(at(n), act.clone()).await.expect("write");
        written.push(AuditEntry { id: n + 1, at: at(n), act });
    }
    written.reverse();
    let mut read: Vec<AuditEntry> = Vec::new();
    loop {
        let page = store.acts(read.last().map(|entry| entry.id), 3).await.expect("read");
        if page.is_empty() {
            break;
        }
        read.extend(page);
    }
    assert_eq!(read, written);
}

async fn old_acts_are_removed_however_many_there_are(database: Database) {
    let store = &database.store;
    let ada = add_user(store, "ada", Role::Admin).await;
    for n in 0..1_100 {
        store.add_act(at(n), act(&ada, "mutation")).await.expect("write");
    }
    assert_eq!(store.remove_acts_before(at(0)).await.expect("remove"), 0);
    assert_eq!(store.remove_acts_before(at(1_095)).await.expect("remove"), 1_095);
    let left: Vec<i64> =
        store.acts(None, 10).await.expect("read").iter().map(|entry| entry.id).collect();
    assert_eq!(left, [1_100, 1_099, 1_098, 1_097, 1_096]);
}

async fn an_act_is_written_down_whatever_its_text(database: Database) {
    let store = &database.store;
    let act = Act {
        user: None,
        actor: format!("a\0b{}", "ä".repeat(1_000)),
        action: "login".to_owned(),
        target: Some("\0".to_owned()),
        address: None,
        outcome: "UNAUTHENTICATED".to_owned(),
    };
    store.add_act(at(0), act).await.expect("write");
    let written = store.acts(None, 1).await.expect("read").remove(0).act;
    assert_eq!(written.actor, format!("a\u{fffd}b{}", "ä".repeat(253)));
    assert_eq!(written.target.as_deref(), Some("\u{fffd}"));
}
