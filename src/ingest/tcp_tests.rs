use std::net::IpAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Limits;
use super::test_support::{Bench, PATIENCE, eventually};

async fn connect(bench: &Bench) -> TcpStream {
    TcpStream::connect(bench.address).await.unwrap()
}

/// Waits until the other side has closed.
async fn closed(mut stream: TcpStream) {
    let read = timeout(PATIENCE, stream.read(&mut [0])).await.expect("closed in time");
    // A reset is a close too.
    assert_eq!(read.unwrap_or(0), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_lines_of_each_sender_arrive_in_order() {
    const SENDERS: usize = 3;
    const LINES: usize = 10_000;
    let mut bench = Bench::tcp("127.0.0.1:0", Limits::default()).await;
    for name in 0..SENDERS {
        let mut stream = connect(&bench).await;
        tokio::spawn(async move {
            for n in 0..LINES {
                stream.write_all(format!("{name} {n}\n").as_bytes()).await.unwrap();
            }
        });
    }
    let got = bench.take(SENDERS * LINES).await;
    for name in 0..SENDERS {
        let prefix = format!("{name} ");
        let numbers: Vec<usize> = got
            .iter()
            .filter_map(|record| record.text().strip_prefix(&prefix))
            .map(|n| n.parse().unwrap())
            .collect();
        assert!(numbers.into_iter().eq(0..LINES), "sender {name}");
    }
    let figures = bench.figures.clone();
    assert_eq!(bench.stop().await, []);
    assert_eq!(figures.received.of("tcp").get(), (SENDERS * LINES) as u64);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_stops_the_sender_and_loses_nothing() {
    const LINES: usize = 64 << 10;
    const LINE: usize = 1 << 10;
    const QUEUE: usize = 1 << 20;
    let limits = Limits::default();
    // Beside the queue, one frame is filled and one waits to be handed over, each over by a record
    // at most.
    let bound = (QUEUE + 2 * limits.frame_max_bytes + 2 * LINE) as u64;
    let mut bench = Bench::tcp_with_queue("127.0.0.1:0", limits, QUEUE).await;
    let mut stream = connect(&bench).await;
    let sending = tokio::spawn(async move {
        for n in 0..LINES {
            let line = format!("{n:0width$}\n", width = LINE - 1);
            stream.write_all(line.as_bytes()).await.unwrap();
        }
    });
    let received = bench.figures.received_bytes.of("tcp");
    eventually(|| received.get() >= 900 << 10).await;
    let mut next = 0;
    let mut taken_bytes = 0;
    while next < LINES {
        assert!(received.get() - taken_bytes <= bound, "more is read than there is room for");
        if next == 0 {
            assert!(!sending.is_finished(), "64 MiB fit in no buffer of the kernel");
        }
        for record in bench.take_frame().await {
            assert_eq!(record.text().parse(), Ok(next));
            next += 1;
            taken_bytes += record.bytes.len() as u64;
        }
    }
    sending.await.unwrap();
    assert_eq!(bench.stop().await, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_under_load_hands_over_all_that_was_read() {
    let bench = Bench::tcp("127.0.0.1:0", Limits::default()).await;
    let mut senders = Vec::new();
    for name in 0..4 {
        let mut stream = connect(&bench).await;
        senders.push(tokio::spawn(async move {
            let mut n = 0;
            while stream.write_all(format!("{name} {n}\n").as_bytes()).await.is_ok() {
                n += 1;
            }
        }));
    }
    let received = bench.figures.received.of("tcp");
    eventually(|| received.get() > 10_000).await;
    let got = bench.stop().await;
    for sending in senders {
        sending.await.unwrap();
    }
    assert_eq!(got.len() as u64, received.get());
    for name in 0..4 {
        let prefix = format!("{name} ");
        let of_sender: Vec<_> =
            got.iter().filter_map(|record| record.text().strip_prefix(&prefix)).collect();
        // The last line may have been cut short by the stop.
        let (_, whole) = of_sender.split_last().unwrap();
        assert!(whole.iter().enumerate().all(|(n, text)| text.parse() == Ok(n)), "sender {name}");
    }
}

#[tokio::test]
async fn a_stop_reads_what_has_arrived_and_keeps_half_a_line() {
    let bench = Bench::tcp("127.0.0.1:0", Limits::default()).await;
    let mut stream = connect(&bench).await;
    let figures = bench.figures.clone();
    eventually(|| figures.connections.get() == 1).await;
    stream.write_all(b"whole\nhal").await.unwrap();
    // The runtime has one thread, and it is here: the listener has not read this yet.
    bench.begin_stop();
    let got = bench.stop().await;
    assert_eq!(got.iter().map(|record| record.text()).collect::<Vec<_>>(), ["whole", "hal"]);
    closed(stream).await;
}

#[tokio::test]
async fn a_half_closed_connection_stores_what_was_sent() {
    let mut bench = Bench::tcp("127.0.0.1:0", Limits::default()).await;
    let mut stream = connect(&bench).await;
    stream.write_all(b"whole\n40 <34>half of a frame").await.unwrap();
    stream.shutdown().await.unwrap();
    let got = bench.take(2).await;
    let texts: Vec<_> = got.iter().map(|record| record.text()).collect();
    assert_eq!(texts, ["whole", "<34>half of a frame"]);
    closed(stream).await;
    bench.stop().await;
}

#[tokio::test]
async fn the_framings_may_alternate_on_one_connection() {
    let mut bench = Bench::tcp("127.0.0.1:0", Limits::default()).await;
    let mut stream = connect(&bench).await;
    stream.write_all(b"a line\r\n6 <34>a\n{\"short_message\":\"b\"}\x00200 OK\n").await.unwrap();
    let got = bench.take(4).await;
    let texts: Vec<_> = got.iter().map(|record| record.text()).collect();
    assert_eq!(texts, ["a line\r", "<34>a\n", "{\"short_message\":\"b\"}", "200 OK"]);
    bench.stop().await;
}

#[tokio::test]
async fn a_line_without_end_is_cut_flagged_and_costs_no_memory() {
    let limits = Limits { max_record_bytes: 100_000, ..Limits::default() };
    let mut bench = Bench::tcp("127.0.0.1:0", limits).await;
    let mut stream = connect(&bench).await;
    let sending = tokio::spawn(async move {
        stream.write_all(&vec![b'a'; 5 << 20]).await.unwrap();
        stream.write_all(b"\nnext\n").await.unwrap();
    });
    let got = bench.take(2).await;
    assert!(got[0].cut && got[0].bytes == vec![b'a'; 100_000]);
    assert_eq!((got[1].text(), got[1].cut), ("next", false));
    sending.await.unwrap();
    assert_eq!(bench.figures.cut_bytes.of("tcp").get(), (5 << 20) - 100_000);
    assert_eq!(bench.stop().await, []);
}

#[tokio::test]
async fn long_lines_past_the_budget_are_cut_and_those_of_others_are_whole() {
    let limits = Limits { unfinished_bytes: 100_000, ..Limits::default() };
    let mut bench = Bench::tcp("127.0.0.1:0", limits).await;
    let mut long = connect(&bench).await;
    let sending = tokio::spawn(async move {
        long.write_all(&vec![b'a'; 200_000]).await.unwrap();
        long
    });
    let cut = bench.take(1).await;
    assert!(cut[0].cut && cut[0].bytes.len() < 200_000);
    let mut long = sending.await.unwrap();
    let mut other = connect(&bench).await;
    other.write_all(&[&[b'b'; 4_000][..], b"\n"].concat()).await.unwrap();
    let whole = bench.take(1).await;
    assert_eq!((whole[0].bytes.len(), whole[0].cut), (4_000, false));
    long.write_all(b"the end\nnext\n").await.unwrap();
    assert_eq!(bench.take(1).await[0].text(), "next");
    let lost = 200_000 + "the end".len() - cut[0].bytes.len();
    assert_eq!(bench.figures.cut_bytes.of("tcp").get(), lost as u64);
    assert_eq!(bench.stop().await, []);
}

#[tokio::test]
async fn connections_over_the_cap_are_closed_and_a_place_that_falls_free_is_given_again() {
    let limits = Limits { max_connections: 2, ..Limits::default() };
    let mut bench = Bench::tcp("127.0.0.1:0", limits).await;
    let figures = bench.figures.clone();
    let mut first = connect(&bench).await;
    let second = connect(&bench).await;
    eventually(|| figures.connections.get() == 2).await;
    closed(connect(&bench).await).await;
    assert_eq!(figures.connections_refused.of("tcp").get(), 1);
    first.write_all(b"still here\n").await.unwrap();
    assert_eq!(bench.take(1).await[0].text(), "still here");
    drop(second);
    eventually(|| figures.connections.get() == 1).await;
    let mut third = connect(&bench).await;
    third.write_all(b"let in\n").await.unwrap();
    assert_eq!(bench.take(1).await[0].text(), "let in");
    bench.stop().await;
}

#[tokio::test]
async fn a_silent_connection_is_closed_and_its_half_line_kept() {
    let limits = Limits { idle_timeout: Duration::from_millis(20), ..Limits::default() };
    let mut bench = Bench::tcp("127.0.0.1:0", limits).await;
    let mut stream = connect(&bench).await;
    stream.write_all(b"half").await.unwrap();
    assert_eq!(bench.take(1).await[0].text(), "half");
    closed(stream).await;
    bench.stop().await;
}

#[tokio::test]
async fn ipv6_is_heard_and_ipv4_on_the_same_socket_keeps_its_address() {
    let mut bench = Bench::tcp("[::]:0", Limits::default()).await;
    for (host, peer) in [("::1", "::1"), ("127.0.0.1", "127.0.0.1")] {
        let mut stream = TcpStream::connect((host, bench.address.port())).await.unwrap();
        stream.write_all(b"hello\n").await.unwrap();
        assert_eq!(bench.take(1).await[0].peer, peer.parse::<IpAddr>().unwrap());
    }
    bench.stop().await;
}

#[tokio::test]
async fn many_connections_share_frames() {
    const CONNECTIONS: u64 = 300;
    let mut bench = Bench::tcp("127.0.0.1:0", Limits::default()).await;
    let mut streams = Vec::new();
    for _ in 0..CONNECTIONS {
        streams.push(connect(&bench).await);
    }
    for stream in &mut streams {
        stream.write_all(b"hello\n").await.unwrap();
    }
    let mut frames = 0;
    while bench.taken < CONNECTIONS {
        bench.take_frame().await;
        frames += 1;
    }
    assert!(frames < CONNECTIONS / 2, "{frames} frames");
    drop(streams);
    bench.stop().await;
}

#[tokio::test]
async fn a_closed_queue_ends_the_listener_and_what_was_read_is_counted_as_dropped() {
    let bench = Bench::tcp("127.0.0.1:0", Limits::default()).await;
    bench.publisher.close();
    let mut stream = connect(&bench).await;
    stream.write_all(b"hello\n").await.unwrap();
    timeout(PATIENCE, bench.running).await.expect("ended in time").unwrap();
    assert_eq!(bench.figures.received.total(), 1);
    assert_eq!(bench.figures.dropped.read(), [("queue_closed".into(), 1)].into());
}
