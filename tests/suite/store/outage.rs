//! A database that goes away and comes back.

use std::time::Duration;

use tailwater::filter::Filter;
use tailwater::store::{Direction, Order, PageRequest, Store, StoreError, StoreOptions, TopField};

use super::support::{PRODUCER, batch, connect, entry, options, whole};
use crate::support::postgres::Postgres;
use crate::support::until;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_postgres_is_away_and_keeps_what_was_committed() {
    let mut server = Postgres::start();
    let url = server.database().await;
    let store = connect(&url).await;
    store.migrate().await.expect("migrate");
    let mut writer = store.claim_writer().await.expect("claim").expect("nobody else writes");
    writer.commit(&batch(1, [entry(1, "a"), entry(2, "b")])).await.expect("commit");

    server.kill();
    let lost = writer.commit(&batch(2, [entry(3, "c")])).await;
    assert!(matches!(lost, Err(StoreError::Away(_))), "{lost:?}");
    drop(writer);
    let claimed = store.claim_writer().await;
    assert!(matches!(claimed, Err(StoreError::Away(_))), "{claimed:?}");
    let read = store.head().await;
    assert!(matches!(read, Err(StoreError::Away(_))), "{read:?}");

    server.restart();
    let mut writer = None;
    until(async || {
        writer = store.claim_writer().await.unwrap_or_default();
        writer.is_some()
    })
    .await;
    let mut writer = writer.expect("claimed");
    assert_eq!(writer.last_id(), 2);
    assert_eq!(writer.producers().await.expect("producers")[&PRODUCER].marks.low, 1);
    let committed = writer.commit(&batch(2, [entry(3, "c")])).await.expect("commit");
    assert_eq!(committed.first_id, 3);
    until(async || store.head().await.is_ok_and(|head| head.last_id == 3)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_busy_pool_is_waited_for_and_reads_run_on_any_thread() {
    let url = Postgres::shared().database().await;
    let one = StoreOptions {
        read_connections: 1,
        read_timeout: Duration::from_secs(60),
        ..options(&url)
    };
    let store = Store::connect(&one).await.expect("connect");
    store.migrate().await.expect("migrate");
    let mut writer = store.claim_writer().await.expect("claim").expect("nobody else writes");
    writer.commit(&batch(1, (0..50).map(|n| entry(n, "x")))).await.expect("commit");
    let readers: Vec<_> = (0..20)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                let filter = Filter::ALL;
                let (order, direction) = (Order::Timestamp, Direction::NewestFirst);
                let (past, before, limit) = (None, None, 10);
                let request =
                    PageRequest { filter: &filter, order, direction, past, before, limit };
                let page = store.page(request).await.expect("page");
                let from = page.logs[9].entry.timestamp;
                let width = Duration::from_secs(1);
                let counts = whole(store.histogram(&filter, from, width, 100, None).await);
                let top = whole(store.top(&filter, &TopField::Severity, 1).await);
                (page.logs.len(), counts.len(), top[0].count)
            })
        })
        .collect();
    for reader in readers {
        assert_eq!(reader.await.expect("no panic"), (10, 10, 50));
    }
}
