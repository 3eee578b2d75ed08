//! What somebody with bad intentions may send: the process lives, its memory is bounded, the
//! numbers balance, both databases take whatever the parser lets through, and the next good line
//! is stored.

mod arguments;
mod documents;
mod floods;
mod forgeries;
mod readers;
mod sites;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};

use serde_json::json;

use crate::support::pair::Pair;
use crate::support::send_tcp;
use crate::support::server::Server;

/// What the process may have held at most, in MiB, whatever came; a debug build starts with 40.
const MEMORY: u64 = 300;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_stores_whatever_comes() {
    whatever_comes_is_stored(Pair::memory_sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_stores_whatever_comes() {
    whatever_comes_is_stored(Pair::memory_postgres().await).await;
}

async fn whatever_comes_is_stored(pair: Pair) {
    let server = pair.role("serve").start().await;
    let (udp, tcp) = (server.udp.unwrap(), server.tcp.unwrap());

    let lines = hostile_lines();
    stream(tcp, &[lines.join(&b'\n'), b"\n".to_vec()].concat());
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    for line in lines.iter().filter(|line| line.len() < 60_000) {
        socket.send_to(line, udp).unwrap();
    }
    for n in 0..2_000_u32 {
        let chunk = [&[0x1e, 0x0f][..], &n.to_be_bytes(), &[7; 4], &[0, 128], &[b'x'; 500]];
        socket.send_to(&chunk.concat(), udp).unwrap();
    }
    stream(tcp, b"9999999 <13>a count that lies\n");
    stream(tcp, b"99999999999999999999 <13>a count that cannot be\n");
    stream(tcp, &vec![b'a'; 4 << 20]);
    stream(tcp, &vec![0; 4 << 20]);
    is_well(&server).await;

    let rejected = server.pipeline().await["rejected"].to_string();
    assert!(!rejected.contains("dead_letter"), "the database took all: {rejected}");
    let newest = "{ logs(first: 1000) { edges { node { timestamp message attributes } } } }";
    server.query(newest, json!({})).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_never_end_their_lines_cost_a_bounded_memory() {
    let pair = Pair::memory_sqlite().await;
    let setup = pair.role("serve").with("MAX_UNFINISHED_BYTES", "4MiB");
    let server = setup.with("QUEUE_MAX_BYTES", "8MiB").start().await;
    let connections: Vec<TcpStream> = (0..300)
        .map(|_| {
            let mut connection = TcpStream::connect(server.tcp.unwrap()).unwrap();
            connection.write_all(&[b'a'; 100_000]).unwrap();
            connection
        })
        .collect();
    is_well(&server).await;
    drop(connections);
    is_well(&server).await;
}

/// Lines at the edges of what the formats and the databases can express.
fn hostile_lines() -> Vec<Vec<u8>> {
    let mut lines: Vec<Vec<u8>> = Vec::new();
    let numbers = ["1e400000", "0e-99999", "0e99999999999", "-0E-16384", "1e308", "5e-324", "-"];
    let zeros = [format!("0.{}", "0".repeat(20_000)), format!("1{}e-9", "0".repeat(20_000))];
    let texts = [r#""\u0000""#.into(), r#""\ud800""#.into(), "\"\\u0001".repeat(9_000) + "\""];
    let deep = ["[".repeat(200_000), "[".repeat(900) + &"]".repeat(900)];
    let deep_objects = ["{\"a\":".repeat(900) + "1" + &"}".repeat(900)];
    let values = numbers.map(str::to_owned).into_iter().chain(zeros).chain(texts);
    for value in values.chain(deep).chain(deep_objects) {
        lines.push(format!(r#"{{"message":"m","a":{value}}}"#).into());
    }
    let times = [
        r#""0000-01-01T00:00:00+23:59""#,
        r#""9999-12-31T23:59:59.999999-23:59""#,
        r#"{"epochSecond":-8000000000000}"#,
        r#"{"epochSecond":9000000000000}"#,
        "9.99e19",
        "9223372036854775807",
        "1e400",
    ];
    for time in times {
        lines.push(format!(r#"{{"message":"t","time":{time}}}"#).into());
        lines.push(format!("<13>1 {} h a p m - t", time.trim_matches('"')).into());
    }
    let many_keys: Vec<String> = (0..20_000).map(|n| format!(r#""k{n}":1"#)).collect();
    lines.push(format!("{{{}}}", many_keys.join(",")).into());
    lines.push(format!(r#"{{"{}":1}}"#, "k".repeat(200_000)).into());
    lines.push(br#"{"a\u0000b":1,"":2}"#.to_vec());
    let parameters: String = (0..10_000).map(|n| format!(" p{n}=\"v\"")).collect();
    lines.push(format!("<13>1 - h a p m [x{parameters}] text").into());
    let longest = ["h", "a", "p", "m"].map(|name| name.repeat(255)).join(" ");
    lines.push(format!("<13>1 - {longest} - text").into());
    for priority in ["192", "999", "-1", "", "0000000013"] {
        lines.push(format!("<{priority}>text").into());
    }
    lines.push(b"<13>1 - h\xff a\xff p\xff m\xff [i\xff a\xff=\"\xff\"] \xff\0\xfe".to_vec());
    lines.push([0xff, 0xfe, 0xe2, 0x82].repeat(20_000));
    lines
}

/// Sends bytes over one connection, and waits until the other side has read them all.
fn stream(to: SocketAddr, bytes: &[u8]) {
    let mut connection = TcpStream::connect(to).unwrap();
    connection.write_all(bytes).unwrap();
    connection.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(connection.read(&mut [0]).unwrap(), 0);
}

/// The next good line is stored, nothing is in flight, the numbers balance, and memory was bounded.
async fn is_well(server: &Server) {
    let id = format!("good {:x}", rand::random::<u64>());
    send_tcp(server.tcp.unwrap(), [format!("<13>1 - - - - - - {id}")]);
    server
        .eventually("the next good line is stored", async || {
            let query = "query ($text: String) { logs(filter: { text: $text }, first: 1) { edges { node { id } } } }";
            let found = server.query(query, json!({ "text": id })).await;
            match found["logs"]["edges"].as_array() {
                Some(edges) if !edges.is_empty() => Ok(()),
                _ => Err(found.to_string()),
            }
        })
        .await;
    let stored = server
        .eventually("nothing is in flight", async || {
            let p = server.pipeline().await;
            if p["inFlight"] == 0 { Ok(p["stored"].clone()) } else { Err(p.to_string()) }
        })
        .await;
    server.wait_balanced(stored.as_u64().expect("a count")).await;
    let held = server.peak_memory() >> 20;
    assert!(held < MEMORY, "{held} MiB were held");
}
