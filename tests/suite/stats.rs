//! `tailwater stats`, and `pipeline { storage }` behind it.

use serde_json::{Value, json};

use crate::support::client::run_as;
use crate::support::pair::{Pair, on_every_pair};
use crate::support::{line, send_tcp};

on_every_pair!(the_figures_are_those_of_what_is_stored);

const LINES: u64 = 2_000;

async fn the_figures_are_those_of_what_is_stored(pair: Pair) {
    let server = pair.role("serve").start().await;
    let admin = server.admin().await;
    let url = format!("http://{}", server.http);
    let stats = |arguments: &[&str]| {
        run_as(&admin, ["stats", "--utc", "--url", &url].into_iter().chain(arguments.to_vec()))
    };
    let empty = stats(&[]);
    assert_eq!(empty.code, Some(0), "{}", empty.stderr);
    assert_eq!(empty.stdout[0], "records    0");
    assert!(empty.stdout.contains(&"oldest     none".to_owned()), "{:?}", empty.stdout);

    send_tcp(server.tcp.unwrap(), (0..LINES as usize).map(line));
    server.wait_balanced(LINES).await;
    // What was dear to find out is told again for a while.
    let told = server.eventually("the figures are those of now", async || {
        let told = stats(&["--json"]).stdout.concat();
        let told: Value = serde_json::from_str(&told).map_err(|error| error.to_string())?;
        if told["storage"]["records"] == LINES { Ok(told) } else { Err(told.to_string()) }
    });
    let told = told.await;
    let storage = &told["storage"];
    let number = |field: &str| storage[field].as_u64().expect("a count");
    assert_eq!(number("records"), LINES);
    assert_eq!(number("rows") + number("blockRecords"), LINES);
    assert!(number("unsealed") <= LINES && number("diskBytes") > 0, "{storage}");
    let each = number("bytes") as f64 / LINES as f64;
    assert_eq!(storage["bytesPerRecord"], json!(each));
    assert_eq!((&storage["firstId"], &storage["lastId"]), (&json!("1"), &json!(LINES.to_string())));
    assert!(storage["oldest"].is_string());
    assert_eq!((&told["stored"], &told["inFlight"]), (&json!(LINES), &json!(0)));

    let human = stats(&[]);
    assert_eq!(human.stdout[0], "records    2,000, ids 1 to 2000");
    assert!(human.stdout.last().unwrap().contains("writer"), "{:?}", human.stdout);

    let scoped = admin.add_user("sam", "VIEWER", json!({ "hosts": ["host-1"] })).await;
    let refused = run_as(&scoped, ["stats", "--url", &url]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("outside your scope"), "{}", refused.stderr);
}
