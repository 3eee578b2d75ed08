//! What real senders send, from their bytes on a real socket to the answer of GraphQL: one port
//! takes all of it.

mod broken;
mod gelf;
mod json;
mod syslog;

use std::io::Write;
use std::net::{Shutdown, TcpStream, UdpSocket};

use serde_json::{Value, json};

use crate::support::pair::Pair;
use crate::support::server::Server;

/// A server on a database of its own.
struct House {
    server: Server,
    _pair: Pair,
}

impl House {
    async fn open() -> House {
        let pair = Pair::memory_sqlite().await;
        House { server: pair.role("serve").start().await, _pair: pair }
    }

    /// Sends bytes over one TCP connection, and ends it.
    fn stream(&self, bytes: impl AsRef<[u8]>) {
        let mut stream = TcpStream::connect(self.server.tcp.expect("it listens")).expect("TCP");
        stream.write_all(bytes.as_ref()).expect("it can be written");
        stream.shutdown(Shutdown::Write).expect("it can be ended");
    }

    /// Sends datagrams, all from one socket.
    fn datagrams<B: AsRef<[u8]>>(&self, datagrams: impl IntoIterator<Item = B>) {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
        for datagram in datagrams {
            let to = self.server.udp.expect("it listens");
            socket.send_to(datagram.as_ref(), to).expect("it can be sent");
        }
    }

    /// Waits until so many records are stored, and gives all of them in order of arrival.
    async fn stored(&self, count: u64) -> Vec<Value> {
        self.server.wait_balanced(count).await;
        let query = "{ logs(last: 1000, orderBy: ARRIVAL) { edges { node {
            timestamp receivedAt severity facility host app procId msgId message attributes } } } }";
        let mut logs = self.server.query(query, json!({})).await;
        let edges = logs["logs"]["edges"].as_array_mut().expect("edges");
        edges.reverse();
        edges.iter_mut().map(|edge| edge["node"].take()).collect()
    }

    /// The messages in order of arrival.
    async fn messages(&self, count: u64) -> Vec<String> {
        let message = |log: &Value| log["message"].as_str().expect("a message").to_owned();
        self.stored(count).await.iter().map(message).collect()
    }
}

/// Asserts the fields of a record that `expected` names.
#[track_caller]
fn assert_says(record: &Value, expected: Value) {
    for (field, value) in expected.as_object().expect("an object of fields") {
        assert_eq!(&record[field], value, "{field} of {record}");
    }
}
