use std::collections::BTreeMap;
use std::io::Write;
use std::net::{IpAddr, Ipv6Addr, UdpSocket};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::test_support::{Bench, eventually};
use super::{ChunkLimits, Limits};

fn sender(bench: &Bench) -> UdpSocket {
    let ours = if bench.address.is_ipv4() { "127.0.0.1:0" } else { "[::1]:0" };
    let socket = UdpSocket::bind(ours).unwrap();
    socket.connect(bench.address).unwrap();
    socket
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn chunk(message: u8, index: u8, count: u8, payload: &[u8]) -> Vec<u8> {
    [b"\x1e\x0f", &[message; 8][..], &[index, count], payload].concat()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_datagrams_arrive_in_order_or_are_counted() {
    const SENDERS: usize = 4;
    const EACH: usize = 2_500;
    let bench = Bench::udp("127.0.0.1:0", Limits::default()).await;
    let senders: Vec<_> = (0..SENDERS)
        .map(|name| {
            let socket = sender(&bench);
            tokio::task::spawn_blocking(move || {
                for n in 0..EACH {
                    socket.send(format!("{name} {n}").as_bytes()).unwrap();
                }
            })
        })
        .collect();
    for sending in senders {
        sending.await.unwrap();
    }
    let figures = bench.figures.clone();
    let got = bench.stop().await;
    let dropped = figures.dropped.of("kernel_udp").get();
    assert_eq!(got.len() as u64 + dropped, (SENDERS * EACH) as u64);
    assert_eq!(figures.received.of("udp").get(), got.len() as u64);
    let mut last: BTreeMap<&str, usize> = BTreeMap::new();
    for record in &got {
        let (name, n) = record.text().split_once(' ').unwrap();
        let n = n.parse().unwrap();
        if let Some(before) = last.insert(name, n) {
            assert!(before < n, "sender {name}: {n} after {before}");
        }
    }
}

#[tokio::test]
async fn what_the_kernel_drops_is_counted_exactly() {
    let limits = Limits { udp_receive_buffer: 8 << 10, ..Limits::default() };
    let bench = Bench::udp("127.0.0.1:0", limits).await;
    let socket = sender(&bench);
    // The runtime has one thread, and it is here: nobody reads meanwhile.
    for _ in 0..1_000 {
        socket.send(&[b'a'; 200]).unwrap();
    }
    let figures = bench.figures.clone();
    let got = bench.stop().await.len() as u64;
    let dropped = figures.dropped.of("kernel_udp").get();
    assert!(dropped > 0, "the buffer is far too small");
    assert_eq!(got + dropped, 1_000);
}

#[tokio::test]
async fn a_stop_reads_what_the_socket_holds_and_then_ends_under_fire() {
    let bench = Bench::udp("127.0.0.1:0", Limits::default()).await;
    let before = sender(&bench);
    for n in 0..300 {
        before.send(format!("{n}").as_bytes()).unwrap();
    }
    let after = sender(&bench);
    let (quit, told) = std::sync::mpsc::channel::<()>();
    let firing = std::thread::spawn(move || {
        while told.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) {
            // Refused once the listener is gone.
            let _ = after.send(b"fire");
        }
    });
    let figures = bench.figures.clone();
    let got = bench.stop().await;
    drop(quit);
    firing.join().unwrap();
    let first: Vec<_> = got.iter().filter(|record| record.bytes != b"fire").collect();
    assert_eq!(first.len(), 300);
    assert_eq!(figures.received.total(), got.len() as u64);
}

#[tokio::test]
async fn the_longest_datagram_arrives_whole_and_an_empty_one_makes_no_record() {
    let mut bench = Bench::udp("127.0.0.1:0", Limits::default()).await;
    let socket = sender(&bench);
    let longest: Vec<u8> = (0..65_507u32).map(|n| b'a' + (n % 26) as u8).collect();
    socket.send(b"").unwrap();
    socket.send(&longest).unwrap();
    let got = bench.take(1).await;
    assert_eq!(got.len(), 1);
    assert!(got[0].bytes == longest && !got[0].cut);
    assert_eq!(bench.stop().await, []);
}

#[tokio::test]
async fn long_datagrams_that_come_together_make_no_frame_over_the_limit() {
    let mut bench = Bench::udp("127.0.0.1:0", Limits::default()).await;
    let socket = sender(&bench);
    // Each is a record of 256 KiB once inflated; they come with one system call.
    let packed = gzip(&vec![b'a'; 256 << 10]);
    for _ in 0..20 {
        socket.send(&packed).unwrap();
    }
    while bench.taken < 20 {
        let frame: usize = bench.take_frame().await.iter().map(|record| record.bytes.len()).sum();
        assert!(frame <= (512 + 256) << 10, "{frame} bytes");
    }
    bench.stop().await;
}

#[tokio::test]
async fn a_datagram_over_the_record_limit_is_cut_and_flagged() {
    let limits = Limits { max_record_bytes: 10, ..Limits::default() };
    let mut bench = Bench::udp("127.0.0.1:0", limits).await;
    sender(&bench).send(b"0123456789abc").unwrap();
    let got = bench.take(1).await;
    assert_eq!((got[0].text(), got[0].cut), ("0123456789", true));
    assert_eq!(bench.figures.received_bytes.read(), [("udp".into(), 10)].into());
    assert_eq!(bench.figures.cut_bytes.read(), [("udp".into(), 3)].into());
    bench.stop().await;
}

#[tokio::test]
async fn ipv6_is_heard_and_ipv4_on_the_same_socket_keeps_its_address() {
    let mut bench = Bench::udp("[::]:0", Limits::default()).await;
    let port = bench.address.port();
    let v6 = UdpSocket::bind("[::1]:0").unwrap();
    v6.send_to(b"six", ("::1", port)).unwrap();
    assert_eq!(bench.take(1).await[0].peer, IpAddr::from(Ipv6Addr::LOCALHOST));
    let v4 = UdpSocket::bind("127.0.0.1:0").unwrap();
    v4.send_to(b"four", ("127.0.0.1", port)).unwrap();
    assert_eq!(bench.take(1).await[0].peer, IpAddr::from([127, 0, 0, 1]));
    assert_eq!(bench.stop().await, []);
}

#[tokio::test]
async fn gelf_is_put_together_and_inflated() {
    let mut bench = Bench::udp("127.0.0.1:0", Limits::default()).await;
    let socket = sender(&bench);
    let text = br#"{"version":"1.1","host":"h","short_message":"hello"}"#;
    let packed = gzip(text);
    let (head, tail) = packed.split_at(20);
    socket.send(&packed).unwrap();
    socket.send(&chunk(1, 1, 2, tail)).unwrap();
    socket.send(&chunk(1, 0, 2, head)).unwrap();
    socket.send(text).unwrap();
    let got = bench.take(3).await;
    assert!(got.iter().all(|record| record.bytes == text), "{got:?}");
    assert_eq!(bench.stop().await, []);
}

#[tokio::test]
async fn broken_gelf_is_a_record_as_it_is() {
    let mut bench = Bench::udp("127.0.0.1:0", Limits::default()).await;
    let socket = sender(&bench);
    let broken = [&b"\x1f\x8bnot gzip"[..], b"x^ not zlib", &chunk(1, 3, 2, b"impossible")];
    for datagram in broken {
        socket.send(datagram).unwrap();
    }
    let got = bench.take(3).await;
    assert_eq!(got.iter().map(|record| &record.bytes[..]).collect::<Vec<_>>(), broken);
    bench.stop().await;
}

#[tokio::test]
async fn gelf_that_stays_incomplete_is_counted_as_rejected() {
    let timeout = Duration::from_millis(20);
    let gelf_chunks = ChunkLimits { timeout, pending_messages: 2, ..ChunkLimits::default() };
    let limits = Limits { gelf_chunks, ..Limits::default() };
    let bench = Bench::udp("127.0.0.1:0", limits).await;
    let socket = sender(&bench);
    let figures = bench.figures.clone();
    let rejected = |reason: &str| figures.rejected.of(reason).get();
    socket.send(&chunk(1, 0, 2, b"a")).unwrap();
    eventually(|| rejected("gelf_incomplete") == 1).await;
    // They come together, for the one thread of the runtime is here.
    for datagram in
        [chunk(2, 0, 2, b"a"), chunk(2, 0, 3, b"a"), chunk(3, 0, 2, b"a"), chunk(4, 0, 2, b"a")]
    {
        socket.send(&datagram).unwrap();
    }
    eventually(|| rejected("gelf_full") == 1).await;
    assert_eq!(rejected("gelf_conflict"), 1);
    assert_eq!(bench.stop().await, []);
    assert_eq!(rejected("gelf_incomplete"), 3, "the pending ones too, at the latest when it stops");
    assert_eq!(figures.received.total(), 5);
}
