//! Exports that were asked for: tickets, limits, what becomes of them.

use tailwater::log::Timestamp;
use tailwater::store::{AccountError, ExportEnd, ExportRoom, GrantedBy, NewExport, Store};
use tailwater::user::{Export, ExportFormat, ExportState, ExportTally, Role, User};
use uuid::Uuid;

use super::over_both_databases;
use super::people::{add_user, at, at_once, random_token};
use super::support::Database;

over_both_databases!(
    a_ticket_is_found_by_its_hash_with_who_asked,
    of_many_who_follow_a_link_one_is_served,
    a_link_that_nobody_followed_in_time_has_expired,
    an_export_says_how_far_it_is_until_its_end,
    one_that_was_called_off_stays_so,
    one_whose_server_fell_silent_has_failed,
    as_many_wait_or_run_as_may,
    they_are_their_owners_and_go_with_them,
    what_is_old_is_removed,
);

const ROOM: ExportRoom = ExportRoom { of_a_user: 2, in_all: 3 };

fn new_export(owner: &User) -> NewExport {
    NewExport {
        owner: owner.id,
        by: GrantedBy::Session(Uuid::from_u128(7)),
        filter: r#"{"query":"error"}"#.to_owned(),
        format: ExportFormat::Csv,
        skip_damaged: true,
        hash: random_token(),
        expires_at: at(60),
    }
}

async fn add(store: &Store, owner: &User, when: Timestamp) -> Result<Export, AccountError> {
    let new = NewExport { expires_at: when + (at(60) - at(0)), ..new_export(owner) };
    store.add_export(new, ROOM, when).await
}

async fn read(store: &Store, id: Uuid, when: Timestamp) -> Export {
    store.export_of(id, None, when).await.expect("read").expect("it is there")
}

/// Adds an export and begins it, both at second 0.
async fn begun(store: &Store) -> Uuid {
    let ada = add_user(store, "ada", Role::Viewer).await;
    let export = add(store, &ada, at(0)).await.expect("add");
    assert!(store.take_export(export.id, at(0)).await.expect("take"));
    export.id
}

async fn a_ticket_is_found_by_its_hash_with_who_asked(database: Database) {
    let store = &database.store;
    let ada = add_user(store, "ada", Role::Viewer).await;
    for by in [GrantedBy::Session(Uuid::from_u128(7)), GrantedBy::ApiToken(Uuid::from_u128(8))] {
        let new = NewExport { by, ..new_export(&ada) };
        let added = store.add_export(new.clone(), ROOM, at(0)).await.expect("add");
        let expected = Export {
            id: added.id,
            owner: ada.id,
            filter: new.filter,
            format: ExportFormat::Csv,
            skip_damaged: true,
            state: ExportState::Waiting,
            problem: None,
            created_at: at(0),
            expires_at: at(60),
            started_at: None,
            ended_at: None,
            tally: ExportTally::default(),
        };
        assert_eq!(added, expected);
        let found = store.export_ticket(new.hash, at(1)).await.expect("read").expect("found");
        assert_eq!((found.export, found.by), (expected, by));
    }
    assert!(store.export_ticket(random_token(), at(1)).await.expect("read").is_none());
}

async fn of_many_who_follow_a_link_one_is_served(database: Database) {
    let ada = add_user(&database.store, "ada", Role::Viewer).await;
    let id = add(&database.store, &ada, at(0)).await.expect("add").id;
    let taken = at_once(&database, async |store, n| store.take_export(id, at(n as i64)).await);
    let taken: Vec<bool> = taken.await.into_iter().map(|taken| taken.expect("ask")).collect();
    assert_eq!(taken.iter().filter(|taken| **taken).count(), 1);
}

async fn a_link_that_nobody_followed_in_time_has_expired(database: Database) {
    let store = &database.store;
    let ada = add_user(store, "ada", Role::Viewer).await;
    let id = add(store, &ada, at(0)).await.expect("add").id;
    assert_eq!(read(store, id, at(59)).await.state, ExportState::Waiting);
    assert_eq!(read(store, id, at(60)).await.state, ExportState::Expired);
    assert!(!store.take_export(id, at(60)).await.expect("ask"));
    assert!(store.take_export(id, at(59)).await.expect("ask"), "it was good until then");
}

async fn an_export_says_how_far_it_is_until_its_end(database: Database) {
    let store = &database.store;
    let id = begun(store).await;
    let tally =
        ExportTally { first_id: 1, last_id: 10, position: 5, records: 4, bytes: 99, skipped: 1 };
    assert!(store.note_export(id, tally, at(1)).await.expect("note"));
    let noted = read(store, id, at(2)).await;
    assert_eq!((noted.state, noted.tally), (ExportState::Running, tally));
    assert_eq!(noted.started_at, Some(at(0)));
    let all = ExportTally { position: 10, records: 9, bytes: 200, ..tally };
    store.end_export(id, ExportEnd::Done, all, at(3)).await.expect("end");
    let done = read(store, id, at(100)).await;
    assert_eq!((done.state, done.tally), (ExportState::Done, all));
    assert_eq!((done.ended_at, done.problem), (Some(at(3)), None));
    assert!(!store.note_export(id, tally, at(4)).await.expect("note"), "it is over");

    let failed = add(store, &owner(store, id).await, at(4)).await.expect("add").id;
    assert!(store.take_export(failed, at(4)).await.expect("take"));
    let end = ExportEnd::Failed("a reason".to_owned());
    store.end_export(failed, end, all, at(5)).await.expect("end");
    let failed = read(store, failed, at(6)).await;
    assert_eq!(failed.state, ExportState::Failed);
    assert_eq!(failed.problem.as_deref(), Some("a reason"));
}

async fn owner(store: &Store, id: Uuid) -> User {
    let owner = read(store, id, at(0)).await.owner;
    store.user(owner).await.expect("read").expect("the user is there")
}

async fn one_that_was_called_off_stays_so(database: Database) {
    let store = &database.store;
    let running = begun(store).await;
    let waiting = add(store, &owner(store, running).await, at(0)).await.expect("add").id;
    for id in [running, waiting] {
        let cancelled = store.cancel_export(id, None, at(1)).await.expect("cancel");
        assert_eq!((cancelled.state, cancelled.ended_at), (ExportState::Cancelled, Some(at(1))));
        assert!(!store.note_export(id, ExportTally::default(), at(2)).await.expect("note"));
        store.end_export(id, ExportEnd::Done, ExportTally::default(), at(2)).await.expect("end");
        let again = store.cancel_export(id, None, at(3)).await.expect("cancel");
        assert_eq!((again.state, again.ended_at), (ExportState::Cancelled, Some(at(1))));
    }
    assert!(!store.take_export(waiting, at(2)).await.expect("ask"));
    let nobodys = store.cancel_export(Uuid::from_u128(1), None, at(1)).await;
    assert!(matches!(nobodys, Err(AccountError::NotFound)));
}

async fn one_whose_server_fell_silent_has_failed(database: Database) {
    let store = &database.store;
    let id = begun(store).await;
    assert!(store.note_export(id, ExportTally::default(), at(5)).await.expect("note"));
    assert_eq!(read(store, id, at(34)).await.state, ExportState::Running);
    let silent = read(store, id, at(35)).await;
    assert_eq!((silent.state, silent.ended_at), (ExportState::Failed, Some(at(5))));
    assert!(silent.problem.expect("why").contains("silent"));
}

async fn as_many_wait_or_run_as_may(database: Database) {
    let store = &database.store;
    let ada = add_user(store, "ada", Role::Viewer).await;
    let bob = add_user(store, "bob", Role::Viewer).await;
    let added = at_once(&database, async |store, _| add(&store, &ada, at(0)).await).await;
    let (added, refused): (Vec<_>, Vec<_>) = added.into_iter().partition(Result::is_ok);
    assert_eq!(added.len(), 2, "of a user");
    assert!(refused.into_iter().all(|error| matches!(error, Err(AccountError::NoRoom))));
    let first = added.into_iter().next().expect("one").expect("added");
    let of_bob = add(store, &bob, at(0)).await.expect("there is room for one more in all");
    assert!(matches!(add(store, &bob, at(0)).await, Err(AccountError::NoRoom)), "in all");
    // Ended, expired, silent: each makes room.
    store.cancel_export(first.id, None, at(0)).await.expect("cancel");
    let next = add(store, &ada, at(1)).await.expect("one ended");
    assert!(store.take_export(of_bob.id, at(1)).await.expect("take"));
    assert!(matches!(add(store, &bob, at(30)).await, Err(AccountError::NoRoom)), "it runs");
    add(store, &bob, at(31)).await.expect("its server is silent");
    add(store, &ada, at(61)).await.expect("one expired");
    assert_eq!(read(store, next.id, at(61)).await.state, ExportState::Expired);
}

async fn they_are_their_owners_and_go_with_them(database: Database) {
    let store = &database.store;
    add_user(store, "root", Role::Admin).await;
    let ada = add_user(store, "ada", Role::Viewer).await;
    let bob = add_user(store, "bob", Role::Viewer).await;
    let id = add(store, &ada, at(0)).await.expect("add").id;
    assert!(store.export_of(id, Some(ada.id), at(0)).await.expect("read").is_some());
    assert!(store.export_of(id, Some(bob.id), at(0)).await.expect("read").is_none());
    let others = store.cancel_export(id, Some(bob.id), at(0)).await;
    assert!(matches!(others, Err(AccountError::NotFound)));
    assert_eq!(read(store, id, at(0)).await.state, ExportState::Waiting);
    store.remove_user(ada.id).await.expect("remove");
    assert_eq!(database.number("SELECT COUNT(*) FROM export").await, 0);
    assert!(matches!(add(store, &ada, at(0)).await, Err(AccountError::NotFound)));
}

async fn what_is_old_is_removed(database: Database) {
    let store = &database.store;
    let ada = add_user(store, "ada", Role::Viewer).await;
    let old = add(store, &ada, at(0)).await.expect("add").id;
    let running = add(store, &ada, at(1)).await.expect("add").id;
    assert!(store.take_export(running, at(1)).await.expect("take"));
    assert!(store.note_export(running, ExportTally::default(), at(100)).await.expect("note"));
    let new = add(store, &ada, at(100)).await.expect("add").id;
    store.remove_old_exports(at(50), at(101)).await.expect("remove");
    let kept = async |id| store.export_of(id, None, at(101)).await.expect("read").is_some();
    assert_eq!((kept(old).await, kept(running).await, kept(new).await), (false, true, true));

    // Whoever makes many keeps the newest hundred.
    for second in 200..320 {
        let made = add(store, &ada, at(second)).await.expect("add");
        store.cancel_export(made.id, None, at(second)).await.expect("cancel");
    }
    let rows = database.number("SELECT COUNT(*) FROM export").await;
    assert!((100..=102).contains(&rows), "{rows}");
}
