use std::os::unix::net::UnixStream;

use clap::{CommandFactory, Parser};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::{TcpListener, UdpSocket};

use super::*;
use crate::client::transport::Account;

#[derive(Parser)]
struct CommandLine {
    #[command(flatten)]
    send: SendArgs,
}

pub(super) fn args(line: &str) -> SendArgs {
    CommandLine::try_parse_from(format!("send {line}").split_whitespace()).unwrap().send
}

pub(super) async fn send_all(args: &SendArgs) -> Summary {
    let lines = open_lines(args).unwrap();
    send(args, lines, &Stop::default(), &mut Notices::without_progress()).await.unwrap()
}

/// Accepts one connection and reads it to its end.
async fn read_connection(listener: &TcpListener) -> String {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    text
}

pub(super) fn sequence_of(line: &str) -> u64 {
    let (_, rest) = line.split_once("seq=\"").unwrap();
    rest.split_once('"').unwrap().0.parse().unwrap()
}

#[test]
fn the_arguments_are_well_formed() {
    CommandLine::command().debug_assert();
    for wrong in ["--to relp://a:1", "--rate 0", "--host h", "--seed 1 -", "--format xml"] {
        let line = format!("send {wrong}");
        assert!(CommandLine::try_parse_from(line.split_whitespace()).is_err(), "{wrong}");
    }
}

#[test]
fn options_that_do_not_go_together_are_refused() {
    for wrong in ["--framing lf", "--sequence -", "--tls-ca ca.pem"] {
        assert!(matches!(open_lines(&args(wrong)), Err(ClientError::Usage(_))), "{wrong}");
    }
    assert!(matches!(open_lines(&args("/no/such/file")), Err(ClientError::Failed(_))));
}

#[tokio::test]
async fn every_line_arrives_over_tcp_and_is_counted() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let to = listener.local_addr().unwrap();
    let args = args(&format!("--to tcp://{to} --count 5000 --seed 1 --sequence"));
    let (text, summary) = tokio::join!(read_connection(&listener), send_all(&args));
    let numbers: Vec<u64> = text.lines().map(sequence_of).collect();
    assert_eq!(numbers, (1..=5_000).collect::<Vec<_>>());
    let account = Account { sent: 5_000, bytes: text.len() as u64, ..Account::default() };
    assert_eq!(summary.account, account);
    assert_eq!(summary.outcome(), Outcome::Done);
}

#[tokio::test]
async fn octet_counts_are_the_lengths_of_the_records() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let to = listener.local_addr().unwrap();
    let args = args(&format!("--to tcp://{to} --count 20 --framing octet"));
    let (text, _) = tokio::join!(read_connection(&listener), send_all(&args));
    let (mut rest, mut records) = (text.as_str(), 0);
    while let Some((length, more)) = rest.split_once(' ') {
        let (record, after) = more.split_at(length.parse().unwrap());
        assert!(record.starts_with('<'));
        (rest, records) = (after, records + 1);
    }
    assert_eq!(records, 20);
}

#[tokio::test]
async fn every_line_arrives_over_udp_and_is_counted() {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let to = socket.local_addr().unwrap();
    let args = args(&format!("--to udp://{to} --count 100 --sequence --format json"));
    let summary = send_all(&args).await;
    let (mut buffer, mut bytes) = ([0; 2_048], 0);
    for number in 1..=100u64 {
        let length = socket.recv(&mut buffer).await.unwrap();
        let json: serde_json::Value = serde_json::from_slice(&buffer[..length]).unwrap();
        assert_eq!(json["seq"], number);
        bytes += length as u64;
    }
    assert_eq!(summary.account, Account { sent: 100, bytes, ..Account::default() });
}

/// Lines that the test writes into one end of a pair of sockets.
fn piped() -> (UnixStream, Lines) {
    let (theirs, ours) = UnixStream::pair().unwrap();
    let source = Source::Input { input: Input::read(ours), form: Form::Raw };
    (theirs, Lines::new(source, Some(Framing::Lf), false))
}

#[tokio::test]
async fn a_receiver_that_goes_and_comes_back_gets_every_line_once() {
    let to = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    let (mut pipe, lines) = piped();
    let args = args(&format!("--to tcp://{to} -"));
    let receiver = async move {
        let mut received = Vec::new();
        for round in 0..3 {
            let listener = TcpListener::bind(to).await.unwrap();
            // At once, so that it cannot block the thread that the sender runs on.
            let text: String = (0..100).map(|line| format!("{round}.{line}\n")).collect();
            pipe.write_all(text.as_bytes()).unwrap();
            let (stream, _) = listener.accept().await.unwrap();
            let mut reader = BufReader::new(stream).lines();
            for _ in 0..100 {
                received.push(reader.next_line().await.unwrap().unwrap());
            }
        }
        received
    };
    let (stop, mut notices) = (Stop::default(), Notices::without_progress());
    let (received, summary) = tokio::join!(receiver, send(&args, lines, &stop, &mut notices));
    let wanted: Vec<_> =
        (0..3).flat_map(|round| (0..100).map(move |line| format!("{round}.{line}"))).collect();
    assert_eq!(received, wanted);
    let summary = summary.unwrap();
    assert_eq!(summary.account.sent, 300);
    assert_eq!(summary.account.reconnects, 2);
    assert_eq!(summary.account.errors(), 0);
}

#[tokio::test]
async fn what_the_other_kernel_did_not_take_is_sent_again() {
    const LINES: u64 = 400_000;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let to = listener.local_addr().unwrap();
    let args = args(&format!("--to tcp://{to} --count {LINES} --sequence --seed 3"));
    let receiver = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        // More than the buffers of both kernels is on its way: closing now cuts it.
        let mut begun = vec![0; 1 << 20];
        stream.read_exact(&mut begun).await.unwrap();
        let unread = unread_bytes(&stream);
        drop(stream);
        let rest = read_connection(&listener).await;
        (begun, unread, rest)
    };
    let ((begun, unread, rest), summary) = tokio::join!(receiver, send_all(&args));
    let begun = String::from_utf8(begun).unwrap();
    let read: u64 = begun.lines().count() as u64;
    let resumed: Vec<u64> = rest.lines().map(sequence_of).collect();
    // Lost is only what had been taken by the kernel of the receiver.
    let shortest = begun.lines().rev().skip(1).map(str::len).min().unwrap() as u64;
    assert!(resumed[0] <= read + unread / shortest + 1, "{} after {read}", resumed[0]);
    assert_eq!(resumed, (resumed[0]..=LINES).collect::<Vec<_>>());
    assert_eq!(summary.account.reconnects, 1);
    assert_eq!(summary.account.sent, LINES);
    assert!(summary.account.resent > 0);
}

/// Bytes in the receive buffer.
fn unread_bytes(stream: &tokio::net::TcpStream) -> u64 {
    use std::os::fd::AsRawFd;
    let mut bytes: nix::libc::c_int = 0;
    // SAFETY: the descriptor is open, and the call writes one int to a place that is one.
    unsafe { nix::libc::ioctl(stream.as_raw_fd(), nix::libc::FIONREAD, &mut bytes) };
    bytes as u64
}

#[tokio::test]
async fn without_a_receiver_the_lines_are_given_up_and_counted() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let to = listener.local_addr().unwrap();
    drop(listener);
    let summary = send_all(&args(&format!("--to tcp://{to} --count 7 --retry-for 0s"))).await;
    assert_eq!(summary.account, Account { unsent: 7, ..Account::default() });
    assert_eq!(summary.outcome(), Outcome::Incomplete);
    assert!(summary.trouble.unwrap().contains("refused"));
}

#[tokio::test]
async fn the_duration_ends_an_endless_run() {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let to = socket.local_addr().unwrap();
    let summary = send_all(&args(&format!("--to udp://{to} --duration 50ms --rate 1000"))).await;
    assert_eq!(summary.outcome(), Outcome::Done);
    assert!(summary.elapsed >= Duration::from_millis(50));
    // The bucket never gives more than its rate and one line at the start.
    let due = 1_000.0 * summary.elapsed.as_secs_f64() + 1.0;
    assert!((1.0..=due).contains(&(summary.account.sent as f64)));
}

#[test]
fn the_summary_reads_well_for_people_and_machines() {
    let account =
        Account { sent: 1_000, bytes: 254_000, reconnects: 1, resent: 2, ..Account::default() };
    let elapsed = Duration::from_millis(400);
    let summary = Summary { account, elapsed, complete: true, trouble: None };
    assert_eq!(
        summary.to_text(),
        "sent 1,000 lines (248 KiB) in 0.40 s, 2,500 lines/s, 1 reconnect; 2 lines sent again \
         after a break, and perhaps there twice; what the other side had taken but not read when \
         it broke is lost"
    );
    assert_eq!(
        summary.to_json(),
        r#"{"sent":1000,"bytes":254000,"seconds":0.4,"rate":2500.0,"reconnects":1,"resent":2,"errors":0}"#
    );
}
