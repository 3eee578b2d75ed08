//! Users: the first one, the last admin, what a change moves and what a removal takes along.

use std::slice::from_ref;

use secrecy::ExposeSecret;
use tailwater::store::{AccountError, Store, StoreError, TokenHash, UserChange};
use tailwater::user::{Role, User};
use uuid::Uuid;

use super::over_both_databases;
use super::people::{
    act, add_search, add_session, add_token, add_user, at, at_once, new_search, new_session,
    new_token, new_user, username,
};
use super::support::Database;

over_both_databases!(
    a_user_comes_back_as_it_went_in,
    a_name_is_given_once,
    users_are_read_by_name_in_pages,
    of_many_first_users_one_is_made,
    a_set_up_token_makes_the_first_user_once,
    of_many_uses_of_a_set_up_token_one_is_good,
    a_newer_set_up_token_takes_the_place_of_the_older,
    a_set_up_token_is_worth_nothing_once_there_is_a_user,
    the_last_active_admin_stays,
    admins_that_demote_each_other_leave_one,
    a_change_of_authority_moves_the_version,
    disabling_ends_the_sessions,
    a_new_password_ends_the_other_sessions,
    a_rehash_replaces_only_the_password_it_was_made_of,
    a_sign_in_is_noted,
    removing_a_user_removes_everything_of_theirs,
    nobody_who_is_gone_is_given_anything,
    a_row_that_cannot_be_read_is_an_error,
    text_that_the_database_refuses_is_an_error,
);

async fn get(store: &Store, id: Uuid) -> User {
    store.user(id).await.expect("read").expect("there is one")
}

async fn a_user_comes_back_as_it_went_in(database: Database) {
    let store = &database.store;
    assert!(!store.has_users().await.expect("read"));
    let mut new = new_user("ada", Role::Member);
    new.email = Some("ada@example.org".to_owned());
    new.scope = Some(r#"{"hosts":["web-1"]}"#.to_owned());
    new.display_name = "Ada Lovelace, 世界 % _ \\ '\"".to_owned();
    let added = store.add_user(new.clone()).await.expect("add");
    assert!(store.has_users().await.expect("read"));
    assert_eq!(added.username, new.username);
    assert_eq!(added.display_name, new.display_name);
    assert_eq!((&added.email, &added.scope), (&new.email, &new.scope));
    assert_eq!((added.role, added.disabled, added.last_sign_in), (Role::Member, false, None));

    assert_eq!(get(store, added.id).await, added);
    assert_eq!(store.user_named(&added.username).await.expect("read"), Some(added.clone()));
    assert_eq!(store.user_named(&username("eve")).await.expect("read"), None);
    assert_eq!(store.user(Uuid::nil()).await.expect("read"), None);
    let known = store.users_by_id(&[Uuid::nil(), added.id]).await.expect("read");
    assert_eq!(known, from_ref(&added));
    let credentials = store.credentials(&added.username).await.expect("read").expect("a user");
    assert_eq!(credentials.user, added);
    assert_eq!(credentials.password.expose_secret(), new.password.expose_secret());
    assert!(store.credentials(&username("eve")).await.expect("read").is_none());
}

async fn a_name_is_given_once(database: Database) {
    let store = &database.store;
    add_user(store, "ada", Role::Viewer).await;
    let again = store.add_user(new_user("ada", Role::Admin)).await;
    assert!(matches!(again, Err(AccountError::NameTaken)), "{again:?}");
    let many = at_once(&database, async |store, _| {
        store.add_user(new_user("bob", Role::Viewer)).await.is_ok()
    })
    .await;
    assert_eq!(many.iter().filter(|added| **added).count(), 1);
}

async fn users_are_read_by_name_in_pages(database: Database) {
    let store = &database.store;
    // In the order of bytes, which is that of no language.
    let names = ["+a", "-z", "0", "_a", "a", "a-b", "a.b", "aa", "ab"];
    for name in names.iter().rev() {
        add_user(store, name, Role::Viewer).await;
    }
    let mut read: Vec<User> = Vec::new();
    loop {
        let after = read.last().map(|user| &user.username);
        let page = store.users(after, 2).await.expect("read");
        assert!(page.len() <= 2);
        if page.is_empty() {
            break;
        }
        read.extend(page);
    }
    let read: Vec<&str> = read.iter().map(|user| user.username.as_str()).collect();
    assert_eq!(read, names);
}

async fn of_many_first_users_one_is_made(database: Database) {
    let made = at_once(&database, async |store, n| {
        let new = new_user(&format!("admin-{n}"), Role::Admin);
        store.add_first_user(new).await.expect("try").is_some()
    })
    .await;
    assert_eq!(made.iter().filter(|made| **made).count(), 1);
    assert_eq!(database.number("SELECT count(*) FROM user_account").await, 1);
}

const TOKEN: TokenHash = TokenHash([7; 32]);

async fn set_up(store: &Store, token: TokenHash, name: &str) -> Option<User> {
    store.set_up(token, new_user(name, Role::Admin)).await.expect("try")
}

async fn a_set_up_token_makes_the_first_user_once(database: Database) {
    let store = &database.store;
    assert_eq!(set_up(store, TOKEN, "eve").await, None);
    store.allow_set_up(TOKEN).await.expect("allow");
    assert_eq!(set_up(store, TokenHash([8; 32]), "eve").await, None);
    let ada = set_up(store, TOKEN, "ada").await.expect("allowed");
    assert_eq!(get(store, ada.id).await, ada);
    assert_eq!(set_up(store, TOKEN, "eve").await, None);
    assert_eq!(database.number("SELECT count(*) FROM set_up").await, 0);
}

async fn of_many_uses_of_a_set_up_token_one_is_good(database: Database) {
    database.store.allow_set_up(TOKEN).await.expect("allow");
    let made =
        at_once(&database, async |store, n| set_up(&store, TOKEN, &format!("u{n}")).await).await;
    assert_eq!(made.iter().flatten().count(), 1);
}

async fn a_newer_set_up_token_takes_the_place_of_the_older(database: Database) {
    let store = &database.store;
    let newer = TokenHash([8; 32]);
    store.allow_set_up(TOKEN).await.expect("allow");
    store.allow_set_up(newer).await.expect("allow");
    assert_eq!(set_up(store, TOKEN, "eve").await, None);
    assert!(set_up(store, newer, "ada").await.is_some());
}

async fn a_set_up_token_is_worth_nothing_once_there_is_a_user(database: Database) {
    let store = &database.store;
    store.allow_set_up(TOKEN).await.expect("allow");
    add_user(store, "ada", Role::Viewer).await;
    assert_eq!(set_up(store, TOKEN, "eve").await, None);
    store.allow_set_up(TOKEN).await.expect("nothing happens");
    assert_eq!(set_up(store, TOKEN, "eve").await, None);
    assert_eq!(database.number("SELECT count(*) FROM set_up").await, 0);
}

fn demotion() -> UserChange {
    UserChange { role: Some(Role::Member), ..Default::default() }
}

fn disabling(disabled: bool) -> UserChange {
    UserChange { disabled: Some(disabled), ..Default::default() }
}

async fn the_last_active_admin_stays(database: Database) {
    let store = &database.store;
    let ada = add_user(store, "ada", Role::Admin).await;
    let bob = add_user(store, "bob", Role::Admin).await;
    add_user(store, "cy", Role::Member).await;
    // An admin who is disabled does not count.
    store.change_user(bob.id, disabling(true)).await.expect("ada stays");
    for change in [demotion(), disabling(true)] {
        let refused = store.change_user(ada.id, change).await;
        assert!(matches!(refused, Err(AccountError::LastAdmin)), "{refused:?}");
    }
    let refused = store.remove_user(ada.id).await;
    assert!(matches!(refused, Err(AccountError::LastAdmin)), "{refused:?}");
    assert_eq!(get(store, ada.id).await, ada);
    // What keeps them an active admin is no matter.
    let scope = UserChange { scope: Some(Some("{}".to_owned())), ..Default::default() };
    store.change_user(ada.id, scope).await.expect("still an admin");
    store.change_user(bob.id, disabling(false)).await.expect("enable");
    store.change_user(ada.id, demotion()).await.expect("bob stays");
    store.remove_user(ada.id).await.expect("bob stays");
    let refused = store.remove_user(bob.id).await;
    assert!(matches!(refused, Err(AccountError::LastAdmin)), "{refused:?}");
}

async fn admins_that_demote_each_other_leave_one(database: Database) {
    let mut admins = Vec::new();
    for n in 0..9 {
        admins.push(add_user(&database.store, &format!("admin-{n}"), Role::Admin).await.id);
    }
    let results = at_once(&database, async |store, n| {
        let id = admins[n % admins.len()];
        match n % 3 {
            0 => store.change_user(id, demotion()).await.map(drop),
            1 => store.change_user(id, disabling(true)).await.map(drop),
            _ => store.remove_user(id).await.map(drop),
        }
    })
    .await;
    let refused = results.iter().filter(|r| matches!(r, Err(AccountError::LastAdmin))).count();
    assert!(refused >= 1, "{results:?}");
    let active = "SELECT count(*) FROM user_account WHERE role = 'admin' AND NOT disabled";
    assert_eq!(database.number(active).await, 1);
}

async fn a_change_of_authority_moves_the_version(database: Database) {
    let store = &database.store;
    add_user(store, "root", Role::Admin).await;
    let ada = add_user(store, "ada", Role::Viewer).await;
    let to = UserChange::default;
    let scope = Some(Some("{}".to_owned()));
    for (change, moves) in [
        (UserChange { role: Some(Role::Member), ..to() }, true),
        (UserChange { role: Some(Role::Member), ..to() }, false),
        (UserChange { scope: scope.clone(), ..to() }, true),
        (UserChange { scope, ..to() }, false),
        (UserChange { scope: Some(None), ..to() }, true),
        (UserChange { disabled: Some(true), ..to() }, true),
        (UserChange { disabled: Some(false), ..to() }, true),
        (UserChange { display_name: Some("A".to_owned()), ..to() }, false),
        (UserChange { email: Some(Some("a@b".to_owned())), ..to() }, false),
        (UserChange { email: Some(None), ..to() }, false),
        (to(), false),
    ] {
        let before = get(store, ada.id).await.version;
        let changed = store.change_user(ada.id, change.clone()).await.expect("change");
        assert_eq!(changed.version, before + i32::from(moves), "{change:?}");
        assert_eq!(get(store, ada.id).await, changed);
    }
    let last = get(store, ada.id).await;
    assert_eq!((last.role, last.display_name.as_str()), (Role::Member, "A"));
    assert_eq!((last.scope, last.email, last.disabled), (None, None, false));
    let nobody = store.change_user(Uuid::nil(), to()).await;
    assert!(matches!(nobody, Err(AccountError::NotFound)), "{nobody:?}");
}

async fn disabling_ends_the_sessions(database: Database) {
    let store = &database.store;
    let ada = add_user(store, "ada", Role::Viewer).await;
    let bob = add_user(store, "bob", Role::Viewer).await;
    for _ in 0..3 {
        add_session(store, &ada).await;
    }
    let other = add_session(store, &bob).await;
    add_token(store, &ada, "script").await;
    store.change_user(ada.id, disabling(true)).await.expect("disable");
    assert_eq!(store.sessions(ada.id, at(0)).await.expect("read"), []);
    assert_eq!(store.sessions(bob.id, at(0)).await.expect("read"), [other]);
    assert_eq!(database.number("SELECT count(*) FROM refresh_token").await, 1);
    let refused = store.open_session(new_session(&get(store, ada.id).await)).await;
    assert!(matches!(refused, Err(AccountError::NotFound)), "{refused:?}");

    // Enabled again they sign in again; their tokens are good again.
    let ada = store.change_user(ada.id, disabling(false)).await.expect("enable");
    assert_eq!(store.sessions(ada.id, at(0)).await.expect("read"), []);
    add_session(store, &ada).await;
}

async fn a_new_password_ends_the_other_sessions(database: Database) {
    let store = &database.store;
    let ada = add_user(store, "ada", Role::Viewer).await;
    let kept = add_session(store, &ada).await;
    add_session(store, &ada).await;
    let kept_id = kept.id;
    store.change_password(ada.id, ada.version, "new".into(), kept_id).await.expect("change");
    assert_eq!(store.sessions(ada.id, at(0)).await.expect("read"), [kept]);
    let credentials = store.credentials(&ada.username).await.expect("read").expect("a user");
    assert_eq!(credentials.password.expose_secret(), "new");
    assert_eq!(credentials.user.version, ada.version + 1);
    // Who was checked against the old one comes too late.
    let refused = store.open_session(new_session(&ada)).await;
    assert!(matches!(refused, Err(AccountError::NotFound)), "{refused:?}");

    // What an admin set in the meantime is not replaced by who knew the one before.
    let late = store.change_password(ada.id, ada.version, "late".into(), kept_id).await;
    assert!(matches!(late, Err(AccountError::NotFound)), "{late:?}");

    store.set_password(ada.id, "newer".into()).await.expect("change");
    let version = get(store, ada.id).await.version;
    let ended = store.change_password(ada.id, version, "late".into(), kept_id).await;
    assert!(matches!(ended, Err(AccountError::NotFound)), "{ended:?}");
    assert_eq!(store.sessions(ada.id, at(0)).await.expect("read"), []);
    let nobody = store.set_password(Uuid::nil(), "x".into()).await;
    assert!(matches!(nobody, Err(AccountError::NotFound)), "{nobody:?}");
}

async fn a_rehash_replaces_only_the_password_it_was_made_of(database: Database) {
    let store = &database.store;
    let ada = add_user(store, "ada", Role::Viewer).await;
    let password = async || {
        let credentials = store.credentials(&ada.username).await.expect("read").expect("a user");
        (credentials.password.expose_secret().to_owned(), credentials.user)
    };
    let old = new_user("ada", Role::Viewer).password;
    store.rehash(ada.id, &old, "rehashed".into()).await.expect("rehash");
    assert_eq!(password().await, ("rehashed".to_owned(), ada.clone()));
    store.rehash(ada.id, &old, "late".into()).await.expect("nothing happens");
    assert_eq!(password().await, ("rehashed".to_owned(), ada.clone()));
}

async fn a_sign_in_is_noted(database: Database) {
    let store = &database.store;
    let ada = add_user(store, "ada", Role::Viewer).await;
    store.signed_in(ada.id, at(0)).await.expect("note");
    let noted = get(store, ada.id).await;
    assert_eq!(noted, User { last_sign_in: Some(at(0)), ..ada });
    store.signed_in(Uuid::nil(), at(0)).await.expect("nothing happens");
}

async fn removing_a_user_removes_everything_of_theirs(database: Database) {
    let store = &database.store;
    let root = add_user(store, "root", Role::Admin).await;
    let ada = add_user(store, "ada", Role::Admin).await;
    for user in [&root, &ada] {
        add_session(store, user).await;
        add_token(store, user, "script").await;
        add_search(store, user, "errors").await;
        store.add_act(at(0), act(user, "login")).await.expect("audit");
    }
    assert_eq!(store.remove_user(ada.id).await.expect("remove"), ada);
    assert_eq!(store.user(ada.id).await.expect("read"), None);
    for table in ["user_account", "session", "refresh_token", "api_token", "saved_search"] {
        assert_eq!(database.number(&format!("SELECT count(*) FROM {table}")).await, 1, "{table}");
    }
    let acts = store.acts(None, 10).await.expect("read");
    assert_eq!((acts[0].act.user, acts[0].act.actor.as_str()), (Some(ada.id), "ada"));
    let again = store.remove_user(ada.id).await;
    assert!(matches!(again, Err(AccountError::NotFound)), "{again:?}");
    // The name is free again.
    assert_ne!(add_user(store, "ada", Role::Viewer).await.id, ada.id);
}

async fn nobody_who_is_gone_is_given_anything(database: Database) {
    let store = &database.store;
    add_user(store, "root", Role::Admin).await;
    for _ in 0..5 {
        let ada = add_user(store, "ada", Role::Member).await;
        let results = at_once(&database, async |store, n| match n % 4 {
            0 if n == 8 => store.remove_user(ada.id).await.map(drop),
            0 => store.open_session(new_session(&ada)).await.map(drop),
            1 => store.add_api_token(new_token(&ada, &n.to_string())).await.map(drop),
            2 => store.add_search(new_search(&ada, &n.to_string())).await.map(drop),
            _ => store.change_user(ada.id, UserChange::default()).await.map(drop),
        })
        .await;
        let expected = |result: &Result<(), AccountError>| {
            matches!(result, Ok(()) | Err(AccountError::NotFound))
        };
        assert!(results.iter().all(expected), "{results:?}");
        for table in ["session", "refresh_token", "api_token", "saved_search"] {
            let left = database.number(&format!("SELECT count(*) FROM {table}")).await;
            assert_eq!(left, 0, "{table}");
        }
    }
}

async fn a_row_that_cannot_be_read_is_an_error(database: Database) {
    let store = &database.store;
    let ada = add_user(store, "ada", Role::Viewer).await;
    let session = add_session(store, &ada).await;
    database.sql("UPDATE session SET address = 'somewhere'").await;
    let refused = store.sessions(ada.id, at(0)).await;
    assert!(matches!(refused, Err(StoreError::Internal(_))), "{refused:?}");
    let refused = store.session_standings(&[session.id], at(0)).await;
    assert!(matches!(refused, Err(StoreError::Internal(_))), "{refused:?}");
    database.sql("UPDATE user_account SET role = 'root'").await;
    let refused = store.user(ada.id).await;
    assert!(matches!(refused, Err(StoreError::Internal(_))), "{refused:?}");
    let refused = store.remove_user(ada.id).await;
    assert!(matches!(refused, Err(AccountError::Store(StoreError::Internal(_)))), "{refused:?}");
}

async fn text_that_the_database_refuses_is_an_error(database: Database) {
    if !database.is_postgres() {
        return;
    }
    let mut new = new_user("ada", Role::Viewer);
    new.display_name = "a\0b".to_owned();
    let refused = database.store.add_user(new).await;
    assert!(matches!(refused, Err(AccountError::Store(StoreError::Internal(_)))), "{refused:?}");
    assert!(!database.store.has_users().await.expect("read"));
}
