//! What the queue on NATS promises: order, nothing lost whatever breaks, back-pressure when the
//! stream is full, and a purge that never takes what is not stored.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_nats::jetstream::{self, stream};
use tailwater::log::{Transport, now};
use tailwater::queue::nats::{NatsOptions, NatsQueue};
use tailwater::queue::{
    Consumer, Delivery, Draft, FrameId, Publisher, Queue, QueueError, RawRecord,
};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::support::nats::NatsServer;
use crate::support::proxy::Proxy;
use crate::support::{Noise, soon, until};

fn options(url: String) -> NatsOptions {
    NatsOptions { stream_bytes: 64 << 20, ..NatsOptions::new(url) }
}

async fn connect(options: NatsOptions) -> (NatsQueue, Queue) {
    let nats = NatsQueue::connect(options).await.expect("NATS is there");
    (nats.clone(), Queue::Nats(nats))
}

fn draft(size: usize) -> Draft {
    let mut draft = Draft::with_capacity(size);
    draft.push(RawRecord {
        // What cannot be packed.
        bytes: Noise(7).hex(size).as_bytes(),
        received_at: now(),
        peer: [127, 0, 0, 1].into(),
        transport: Transport::Tcp,
        cut: false,
    });
    draft
}

async fn publish_one(publisher: &Publisher) {
    soon(publisher.publish(draft(100))).await.expect("open");
    // Publishing takes no turn while there is room, and others want theirs.
    tokio::task::yield_now().await;
}

async fn publish(publisher: &Publisher, frames: u64) {
    for _ in 0..frames {
        publish_one(publisher).await;
    }
    soon(publisher.flush()).await.expect("open");
}

/// A publisher that goes on until it is told to stop; it answers with how many frames it sent.
struct Flow {
    stop: Arc<AtomicBool>,
    task: JoinHandle<u64>,
}

impl Flow {
    fn start(publisher: Publisher) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let task = tokio::spawn(async move {
            let mut frames = 0;
            while !stopped.load(Ordering::Relaxed) {
                publish_one(&publisher).await;
                frames += 1;
            }
            soon(publisher.flush()).await.expect("open");
            frames
        });
        Flow { stop, task }
    }

    async fn stop(self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        self.task.await.expect("every frame was taken")
    }
}

async fn next(consumer: &mut Consumer) -> Delivery {
    soon(consumer.next()).await.expect("in order").expect("NATS does not end")
}

/// Reads until the consumer ends.
async fn end(consumer: &mut Consumer) -> QueueError {
    soon(async {
        loop {
            if let Err(error) = consumer.next().await {
                return error;
            }
        }
    })
    .await
}

async fn counters(consumer: &mut Consumer, frames: usize) -> Vec<u64> {
    let mut counters = Vec::new();
    for _ in 0..frames {
        counters.push(next(consumer).await.frame.id().counter);
    }
    counters
}

/// Reads as the writer does, with a new consumer after every failure, until every counter up to
/// `newest` was there; releases all of it.
async fn drain(nats: &NatsQueue, newest: u64) {
    let queue = Queue::Nats(nats.clone());
    let mut missing: BTreeSet<u64> = (1..=newest).collect();
    soon(async {
        while !missing.is_empty() {
            let Ok(mut consumer) = queue.consume().await else {
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            };
            while let Ok(Some(delivery)) = consumer.next().await {
                missing.remove(&delivery.frame.id().counter);
                consumer.release(delivery.ticket).await;
                if missing.is_empty() {
                    return until(async || frames(nats).await == Some(0)).await;
                }
            }
        }
    })
    .await;
}

/// Frames in the stream at this moment; `None` while NATS is away.
async fn frames(nats: &NatsQueue) -> Option<u64> {
    let jetstream = jetstream::new(nats.client().clone());
    let stream = jetstream.get_stream(nats.namespace()).await.ok()?;
    Some(stream.cached_info().state.messages)
}

/// The same, once NATS is there.
async fn count(nats: &NatsQueue) -> u64 {
    loop {
        if let Some(frames) = frames(nats).await {
            return frames;
        }
    }
}

async fn stream_of(nats: &NatsQueue) -> stream::Stream {
    let jetstream = jetstream::new(nats.client().clone());
    jetstream.get_stream(nats.namespace()).await.expect("the stream")
}

#[tokio::test]
async fn frames_come_out_in_the_order_they_went_in() {
    let server = NatsServer::start();
    let (_, queue) = connect(options(server.url())).await;
    let publisher = queue.publisher(Uuid::new_v4());
    publish(&publisher, 1_000).await;
    assert_eq!(publisher.settled(), 1_000);
    let mut consumer = queue.consume().await.unwrap();
    assert_eq!(counters(&mut consumer, 1_000).await, Vec::from_iter(1..=1_000));
    publish(&publisher, 1).await;
    assert_eq!(counters(&mut consumer, 1).await, [1_001]);
}

#[tokio::test]
async fn a_new_consumer_reads_again_what_was_not_released() {
    let server = NatsServer::start();
    let (nats, queue) = connect(options(server.url())).await;
    publish(&queue.publisher(Uuid::new_v4()), 10).await;
    let mut consumer = queue.consume().await.unwrap();
    let mut deliveries = Vec::new();
    for _ in 0..10 {
        deliveries.push(next(&mut consumer).await);
    }
    consumer.release(deliveries.swap_remove(3).ticket).await;
    until(async || frames(&nats).await == Some(6)).await;
    let depth = queue.depth().await.unwrap();
    assert_eq!(depth.frames, 6);
    assert!(depth.bytes > 6 * 100);
    drop(consumer);
    let mut consumer = queue.consume().await.unwrap();
    assert_eq!(counters(&mut consumer, 6).await, Vec::from_iter(5..=10));
}

#[tokio::test]
async fn a_ticket_of_an_earlier_consumer_removes_nothing() {
    let server = NatsServer::start();
    let (nats, queue) = connect(options(server.url())).await;
    publish(&queue.publisher(Uuid::new_v4()), 3).await;
    let mut earlier = queue.consume().await.unwrap();
    next(&mut earlier).await;
    let late = next(&mut earlier).await;
    let mut consumer = queue.consume().await.unwrap();
    let first = next(&mut consumer).await;
    consumer.release(late.ticket).await;
    consumer.release(first.ticket).await;
    // The purge takes what was released last: were it 2, 1 would be left.
    until(async || frames(&nats).await == Some(2)).await;
}

#[tokio::test]
async fn purging_while_reading_takes_nothing_unread() {
    let server = NatsServer::start();
    let (nats, queue) = connect(options(server.url())).await;
    let publisher = queue.publisher(Uuid::new_v4());
    let publishing = tokio::spawn(async move { publish(&publisher, 5_000).await });
    let mut consumer = queue.consume().await.unwrap();
    for counter in 1..=5_000 {
        let delivery = next(&mut consumer).await;
        assert_eq!(delivery.frame.id().counter, counter);
        consumer.release(delivery.ticket).await;
    }
    publishing.await.unwrap();
    until(async || frames(&nats).await == Some(0)).await;
}

#[tokio::test]
async fn nothing_is_lost_when_the_server_is_killed_while_frames_are_published() {
    let mut server = NatsServer::start();
    let (nats, queue) = connect(options(server.url())).await;
    let publisher = queue.publisher(Uuid::new_v4());
    let flow = Flow::start(publisher);
    let mut seen = 0;
    for _ in 0..3 {
        until(async || frames(&nats).await.is_some_and(|frames| frames > seen + 200)).await;
        server.kill();
        server.restart();
        seen = soon(count(&nats)).await;
    }
    until(async || frames(&nats).await.is_some_and(|frames| frames > seen)).await;
    drain(&nats, flow.stop().await).await;
}

#[tokio::test]
async fn nothing_is_lost_when_the_server_is_killed_while_frames_are_read() {
    let mut server = NatsServer::start();
    let (nats, queue) = connect(options(server.url())).await;
    let publisher = queue.publisher(Uuid::new_v4());
    publish(&publisher, 500).await;
    let mut consumer = queue.consume().await.unwrap();
    for _ in 0..100 {
        let delivery = next(&mut consumer).await;
        consumer.release(delivery.ticket).await;
    }
    until(async || frames(&nats).await == Some(400)).await;
    server.kill();
    server.restart();
    assert!(matches!(end(&mut consumer).await, QueueError::Restart(_)));
    let mut consumer = queue.consume().await.unwrap();
    assert_eq!(counters(&mut consumer, 400).await, Vec::from_iter(101..=500));
}

#[tokio::test]
async fn a_drained_stream_goes_on_after_the_server_was_killed() {
    let mut server = NatsServer::start();
    let (nats, queue) = connect(options(server.url())).await;
    let publisher = queue.publisher(Uuid::new_v4());
    publish(&publisher, 50).await;
    drain(&nats, 50).await;
    server.kill();
    server.restart();
    until(async || nats.is_connected()).await;
    publish(&publisher, 50).await;
    let mut consumer = queue.consume().await.unwrap();
    let mut counters = counters(&mut consumer, 50).await;
    // The server may have refused the first ones while it was starting: order is not promised.
    counters.sort_unstable();
    assert_eq!(counters, Vec::from_iter(51..=100));
}

#[tokio::test]
async fn a_full_stream_makes_the_publisher_wait_until_frames_are_released() {
    let server = NatsServer::start();
    let small = NatsOptions {
        stream_bytes: 1 << 20,
        window_bytes: 128 << 10,
        ..NatsOptions::new(server.url())
    };
    let (nats, queue) = connect(small).await;
    let publisher = queue.publisher(Uuid::new_v4());
    let filler = publisher.clone();
    let mut filling = tokio::spawn(async move {
        for _ in 0..200 {
            filler.publish(draft(16 << 10)).await.expect("open");
        }
        filler.flush().await.expect("open");
    });
    // 200 frames of 16 KiB never fit: the stream takes 63 and the window 8.
    until(async || frames(&nats).await == Some(63)).await;
    until(async || publisher.settled() == 63).await;
    assert!(!filling.is_finished());
    drain(&nats, 200).await;
    soon(&mut filling).await.unwrap();
}

#[tokio::test]
async fn a_drained_stream_that_is_deleted_is_made_again() {
    let server = NatsServer::start();
    let (nats, queue) = connect(options(server.url())).await;
    let publisher = queue.publisher(Uuid::new_v4());
    publish(&publisher, 5).await;
    let mut consumer = queue.consume().await.unwrap();
    for _ in 0..5 {
        let delivery = next(&mut consumer).await;
        consumer.release(delivery.ticket).await;
    }
    until(async || frames(&nats).await == Some(0)).await;
    let jetstream = jetstream::new(nats.client().clone());
    jetstream.delete_stream(nats.namespace()).await.unwrap();
    assert!(matches!(soon(consumer.next()).await, Err(QueueError::Restart(_))));

    publish(&publisher, 3).await;
    let mut consumer = queue.consume().await.unwrap();
    for counter in 6..=8 {
        let delivery = next(&mut consumer).await;
        assert_eq!(delivery.frame.id().counter, counter);
        consumer.release(delivery.ticket).await;
    }
    until(async || frames(&nats).await == Some(0)).await;
}

#[tokio::test]
async fn what_was_released_of_a_deleted_stream_is_not_purged_from_the_new_one() {
    let server = NatsServer::start();
    let (nats, queue) = connect(options(server.url())).await;
    let publisher = queue.publisher(Uuid::new_v4());
    publish(&publisher, 5).await;
    let mut consumer = queue.consume().await.unwrap();
    let deliveries = [next(&mut consumer).await, next(&mut consumer).await];
    let jetstream = jetstream::new(nats.client().clone());
    jetstream.delete_stream(nats.namespace()).await.unwrap();
    publish(&publisher, 4).await;
    for delivery in deliveries {
        consumer.release(delivery.ticket).await;
    }
    // Opening a consumer takes longer than a purge.
    let mut successor = queue.consume().await.unwrap();
    assert_eq!(counters(&mut successor, 4).await, Vec::from_iter(6..=9));
    assert!(matches!(end(&mut consumer).await, QueueError::Restart(_)));
}

#[tokio::test]
async fn a_frame_whose_acknowledgement_was_lost_is_sent_again_under_its_name() {
    let server = NatsServer::start();
    let proxy = Proxy::start(server.address()).await;
    let (direct_nats, direct) = connect(options(server.url())).await;
    let (_, queue) = connect(options(format!("nats://{}", proxy.address()))).await;
    let publisher = queue.publisher(Uuid::new_v4());
    proxy.hold_answers();
    let id = publisher.publish(draft(100)).await.unwrap();
    until(async || frames(&direct_nats).await == Some(1)).await;
    assert_eq!(publisher.settled(), 0);
    proxy.cut();
    proxy.heal();
    soon(publisher.flush()).await.unwrap();
    let last = publisher.publish(draft(100)).await.unwrap();
    soon(publisher.flush()).await.unwrap();

    let mut consumer = direct.consume().await.unwrap();
    let mut seen = BTreeSet::new();
    while !seen.contains(&last.counter) {
        seen.insert(next(&mut consumer).await.frame.id().counter);
    }
    assert_eq!(seen, BTreeSet::from([id.counter, last.counter]));
}

#[tokio::test]
async fn a_connection_cut_again_and_again_loses_nothing() {
    let server = NatsServer::start();
    let proxy = Proxy::start(server.address()).await;
    let (direct_nats, _) = connect(options(server.url())).await;
    let (nats, queue) = connect(options(format!("nats://{}", proxy.address()))).await;
    let publisher = queue.publisher(Uuid::new_v4());
    let flow = Flow::start(publisher);
    for _ in 0..4 {
        let seen = count(&direct_nats).await;
        until(async || count(&direct_nats).await > seen + 200).await;
        proxy.cut();
        proxy.heal();
    }
    drain(&nats, flow.stop().await).await;
}

#[tokio::test]
async fn a_connection_that_falls_silent_ends_the_consumer() {
    let server = NatsServer::start();
    let proxy = Proxy::start(server.address()).await;
    let (nats, queue) = connect(options(format!("nats://{}", proxy.address()))).await;
    publish(&queue.publisher(Uuid::new_v4()), 1).await;
    let mut consumer = queue.consume().await.unwrap();
    next(&mut consumer).await;
    proxy.stall();
    assert!(matches!(soon(consumer.next()).await, Err(QueueError::Restart(_))));
    proxy.heal();
    drain(&nats, 1).await;
}

#[tokio::test]
async fn what_is_no_frame_is_passed_over() {
    let server = NatsServer::start();
    let (nats, queue) = connect(options(server.url())).await;
    let publisher = queue.publisher(Uuid::new_v4());
    let mut consumer = queue.consume().await.unwrap();
    publish(&publisher, 1).await;
    let subject = format!("{}.frames", nats.namespace());
    nats.client().request(subject, "hello".into()).await.unwrap();
    publish(&publisher, 1).await;
    assert_eq!(next(&mut consumer).await.frame.id().counter, 1);
    let second = next(&mut consumer).await;
    assert_eq!(second.frame.id().counter, 2);
    assert_eq!(nats.unreadable(), 1);
    consumer.release(second.ticket).await;
    until(async || frames(&nats).await == Some(0)).await;
}

#[tokio::test]
async fn a_frame_of_a_newer_version_is_waited_with_not_passed_over() {
    let server = NatsServer::start();
    let (nats, queue) = connect(options(server.url())).await;
    let mut newer =
        draft(1).name(FrameId { producer: Uuid::new_v4(), counter: 1 }).bytes().to_vec();
    newer[2] = 99;
    let mut consumer = queue.consume().await.unwrap();
    let subject = format!("{}.frames", nats.namespace());
    nats.client().request(subject, newer.into()).await.unwrap();
    let error = soon(consumer.next()).await.unwrap_err();
    assert!(error.to_string().contains("version 99"), "{error}");
    assert_eq!((nats.unreadable(), frames(&nats).await), (0, Some(1)));
}

#[tokio::test]
async fn a_frame_that_somebody_removed_does_not_stop_the_others() {
    let server = NatsServer::start();
    let (nats, queue) = connect(options(server.url())).await;
    publish(&queue.publisher(Uuid::new_v4()), 5).await;
    stream_of(&nats).await.delete_message(3).await.unwrap();
    let mut consumer = queue.consume().await.unwrap();
    assert_eq!(counters(&mut consumer, 4).await, [1, 2, 4, 5]);
}

#[tokio::test]
async fn whoever_claims_a_namespace_first_owns_it() {
    let server = NatsServer::start();
    let (_, queue) = connect(options(server.url())).await;
    let (ours, other) = (Uuid::new_v4(), Uuid::new_v4());
    let (one, two) = tokio::join!(queue.claim(ours), queue.claim(other));
    eprintln!("{one:?} {two:?}");
    let (owner, loser) = if one.is_ok() { (ours, other) } else { (other, ours) };
    assert!(one.is_ok() != two.is_ok());
    queue.claim(owner).await.unwrap();
    match queue.claim(loser).await {
        Err(QueueError::Foreign { owner: known, ours, .. }) => {
            assert_eq!((known, ours), (owner, loser));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_stream_that_is_no_queue_is_refused_and_one_of_another_size_is_resized() {
    let server = NatsServer::start();
    let (nats, _) = connect(options(server.url())).await;
    let (_, _) = connect(NatsOptions { stream_bytes: 8 << 20, ..options(server.url()) }).await;
    assert_eq!(stream_of(&nats).await.cached_info().config.max_bytes, 8 << 20);

    let jetstream = jetstream::new(nats.client().clone());
    jetstream.delete_stream(nats.namespace()).await.unwrap();
    jetstream
        .create_stream(stream::Config {
            name: nats.namespace().to_owned(),
            subjects: vec![format!("{}.frames", nats.namespace())],
            ..Default::default()
        })
        .await
        .unwrap();
    let refused = NatsQueue::connect(options(server.url())).await.unwrap_err();
    assert!(
        matches!(&refused, QueueError::Unusable(why) if why.contains("discard old")),
        "{refused}"
    );
}

#[tokio::test]
async fn a_frame_larger_than_the_server_takes_is_refused_at_the_start() {
    let server = NatsServer::start();
    let large = NatsOptions { max_frame_bytes: 2 << 20, ..options(server.url()) };
    let refused = NatsQueue::connect(large).await.unwrap_err();
    assert!(
        matches!(&refused, QueueError::Unusable(why) if why.contains("max_payload")),
        "{refused}"
    );
}

#[tokio::test]
async fn a_closed_publisher_takes_nothing_more_and_keeps_what_it_has() {
    let server = NatsServer::start();
    let (_, queue) = connect(options(server.url())).await;
    let publisher = queue.publisher(Uuid::new_v4());
    publisher.publish(draft(100)).await.unwrap();
    publisher.close();
    assert!(matches!(publisher.publish(draft(100)).await, Err(QueueError::Closed)));
    soon(publisher.flush()).await.unwrap();
    drop(publisher);
    let dropped = queue.publisher(Uuid::new_v4());
    dropped.publish(draft(100)).await.unwrap();
    drop(dropped);
    let mut consumer = queue.consume().await.unwrap();
    assert_eq!(counters(&mut consumer, 2).await, [1, 1]);
}

#[tokio::test]
async fn the_url_carries_the_credentials() {
    let server = NatsServer::start_with(&["--user", "me", "--pass", "p@ss"]);
    let address = server.address();
    connect(options(format!("nats://me:p%40ss@{address}"))).await;
    let refused = NatsQueue::connect(options(format!("nats://me:wrong@{address}"))).await;
    assert!(matches!(refused, Err(QueueError::Unusable(_))), "{refused:?}");
}
