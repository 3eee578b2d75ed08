//! Databases of older versions, with what they stored: this version starts on them, and everything
//! is there.

use std::io::Read;

use flate2::read::GzDecoder;
use migration::Migrator;
use migration::sea_orm_migration::MigratorTrait;
use sea_orm::{ConnectionTrait, DatabaseConnection};
use serde_json::json;

use crate::support::pair::{Pair, on_both_databases};
use crate::support::postgres::Postgres;
use crate::support::server::Server;
use crate::support::visitor::{PASSWORD, Visitor};
use crate::support::{contiguous, messages, send_tcp};

on_both_databases!(
    rows_of_each_older_schema_are_served_and_go_on,
    users_of_the_second_schema_sign_in_as_before,
    blocks_and_tokens_of_the_fourth_schema_are_served_and_go_on,
);

/// The steps of the schema so far. A step that is added here deserves a fixture of the one before.
const NEWEST: u32 = 4;
/// The id of the databases that are made here.
const DATABASE: &str = "88ccad988f9d435f987b58da25097170";
/// Records that they hold.
const ROWS: usize = 300;
/// How [`PASSWORD`] is kept.
const HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$8BMOYlZOevDVfUHcJJZruA$feV6zqAfUnMFCt6DqFZaw18TKhNJ4Sb5ekuwySQ+vpE";

/// The words in which the databases differ.
struct Dialect {
    sqlite: bool,
}

impl Dialect {
    fn of(pair: &Pair) -> Dialect {
        Dialect { sqlite: pair.database_url.starts_with("sqlite:") }
    }

    fn uuid(&self, digits: &str) -> String {
        if self.sqlite { format!("X'{digits}'") } else { format!("'{digits}'") }
    }

    /// The n-th second after an instant.
    fn instant(&self, n: &str) -> String {
        if self.sqlite {
            format!("1767323045000000 + {n} * 1000000")
        } else {
            format!("timestamptz '2026-01-02T03:04:05Z' + {n} * interval '1 second'")
        }
    }

    /// What the first schema kept of [`ROWS`] lines of one source.
    fn log(&self) -> String {
        let (database, producer) = (self.uuid(DATABASE), self.uuid(&"1f".repeat(16)));
        let (first, last, at) =
            (self.instant("1"), self.instant(&ROWS.to_string()), self.instant("n"));
        let json = if self.sqlite { "" } else { "::json" };
        format!(
            "INSERT INTO head VALUES (1, {database}, {ROWS}, {ROWS});
             INSERT INTO source VALUES (1, 'web-1', 'shop', '192.0.2.1', {first}, {last}, {ROWS});
             INSERT INTO producer VALUES ({producer}, 3, '[[5, 6]]', {ROWS}, 1, {last});
             INSERT INTO dead_letter (received_at, at, reason, source_id, record)
                 VALUES ({first}, {last}, 'refused', 1, '<13>no');
             INSERT INTO log
                 WITH RECURSIVE numbers(n) AS
                     (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {ROWS})
                 SELECT n, {at}, {at}, 6, 16, 1, '4711', NULL, 'line ' || (n - 1),
                     '{{\"status\": 502}}'{json} FROM numbers"
        )
    }

    /// An admin of the second schema, whose password is [`PASSWORD`].
    fn user(&self) -> String {
        let (id, at) = (self.uuid(&"2e".repeat(16)), self.instant("0"));
        format!(
            "INSERT INTO user_account VALUES ({id}, 'ada', 'Ada', NULL, '{HASH}', 'ADMIN', false,
                 NULL, {at}, NULL, 1);
             INSERT INTO saved_search VALUES ({id}, {id}, 'broken', '{{\"query\":\"status\"}}',
                 true, {at}, {at})"
        )
    }
}

/// Makes the database of a pair what the first `steps` of the schema make it.
async fn at_schema(pair: &Pair, steps: u32) -> DatabaseConnection {
    let options = if Dialect::of(pair).sqlite { "?mode=rwc" } else { "" };
    let url = format!("{}{options}", pair.database_url);
    let database = sea_orm::Database::connect(url).await.expect("a connection");
    Migrator::up(&database, Some(steps)).await.expect("the steps are right");
    database
}

/// Starts this version on what an older one left, and keeps all of it.
async fn start(pair: &Pair) -> Server {
    pair.role("serve").with("RETENTION_AGE", "off").start().await
}

/// Asserts that the log is lines without a gap, that a cursor of before goes on in it, and that it
/// goes on itself.
async fn assert_goes_on(server: &Server, visitor: &Visitor, database: &str, rows: usize) {
    let mut tail = visitor.tail(&format!("(after: \"tw1-{database}-{}\")", rows - 5)).await;
    let rest = (rows - 5..rows).map(|n| (n as i64 + 1, format!("line {n}"))).collect::<Vec<_>>();
    assert_eq!(tail.read(5).await, rest);
    send_tcp(server.tcp.unwrap(), [format!("<13>line {rows}")]);
    assert_eq!(tail.read(1).await, [(rows as i64 + 1, format!("line {rows}"))]);
}

async fn rows_of_each_older_schema_are_served_and_go_on(pair: Pair) {
    for steps in 1..NEWEST {
        let pair = if Dialect::of(&pair).sqlite {
            Pair::memory_sqlite().await
        } else {
            Pair::memory_postgres().await
        };
        let database = at_schema(&pair, steps).await;
        database.execute_unprepared(&Dialect::of(&pair).log()).await.expect("it is stored");
        database.close().await.expect("it can be closed");

        let server = start(&pair).await;
        assert_eq!(contiguous(server.all_messages().await), messages(0..ROWS));
        let found = server
            .query(
                "{ logs(first: 1, filter: { query: \"host:web-1 attributes.status:502\" }) {
                     edges { node { id timestamp procId attributes } } }
                   sources { edges { node { host app count } } } }",
                json!({}),
            )
            .await;
        let newest = &found["logs"]["edges"][0]["node"];
        let known = json!({ "id": "300", "timestamp": "2026-01-02T03:09:05Z", "procId": "4711",
            "attributes": { "status": 502 } });
        assert_eq!(newest, &known);
        let source = json!({ "host": "web-1", "app": "shop", "count": ROWS });
        assert_eq!(found["sources"]["edges"][0]["node"], source);
        assert_goes_on(&server, &server.admin().await, DATABASE, ROWS).await;
        assert!(server.terminate().await.success());
    }
}

async fn users_of_the_second_schema_sign_in_as_before(pair: Pair) {
    let dialect = Dialect::of(&pair);
    let database = at_schema(&pair, 2).await;
    database.execute_unprepared(&dialect.log()).await.expect("it is stored");
    database.execute_unprepared(&dialect.user()).await.expect("it is stored");
    database.close().await.expect("it can be closed");

    let server = start(&pair).await;
    let ada = server.visitor().sign_in("ada", PASSWORD).await.expect("her password is known");
    let mine = ada.query("{ me { displayName role } savedSearches { name } }", json!({})).await;
    assert_eq!(mine["me"], json!({ "displayName": "Ada", "role": "ADMIN" }));
    assert_eq!(mine["savedSearches"], json!([{ "name": "broken" }]));
    // The password of the settings makes nobody where there is somebody.
    let admin = server.visitor().sign_in("admin", Server::ADMIN_PASSWORD).await;
    assert!(admin.is_err(), "{admin:?}");
}

/// A database that `tailwater` 0.1.0 made: a thousand lines in a block, twenty as rows, the user
/// `ada` and a token of hers. The token.
async fn put_database_of_0_1_0(pair: &mut Pair) -> &'static str {
    let unpacked = |mut packed: GzDecoder<&[u8]>| {
        let mut bytes = Vec::new();
        packed.read_to_end(&mut bytes).expect("the fixture is whole");
        bytes
    };
    if let Some(file) = pair.database_url.strip_prefix("sqlite://") {
        let packed = GzDecoder::new(&include_bytes!("../fixtures/schema-4.sqlite.gz")[..]);
        std::fs::write(file, unpacked(packed)).expect("it can be written");
        return "tw_9kRd8AZA_Ftsv2I0IqPmynfaWSsssQda9jerJdn37CU";
    }
    let packed = GzDecoder::new(&include_bytes!("../fixtures/schema-4.sql.gz")[..]);
    pair.database_url = Postgres::shared().restored(&unpacked(packed)).await;
    "tw_qqq6BYZzBJ8sJKfbhXJGooL8xI5FPXt6gi2SM78Mx_o"
}

async fn blocks_and_tokens_of_the_fourth_schema_are_served_and_go_on(mut pair: Pair) {
    const LINES: usize = 1_020;
    let token = put_database_of_0_1_0(&mut pair).await;
    let server = start(&pair).await;
    let program = server.visitor().with_token(token);
    let counted = program
        .query(
            "{ histogram(buckets: 1) { count }
               logs(filter: { query: \"host:host-3 \\\"line 10\\\"\" }, orderBy: ARRIVAL) {
                   edges { node { message } } } }",
            json!({}),
        )
        .await;
    assert_eq!(counted["histogram"][0]["count"], LINES);
    let found = counted["logs"]["edges"].as_array().expect("edges").iter();
    let found: Vec<_> = found.map(|edge| edge["node"]["message"].clone()).collect();
    // Rows and the block answer together.
    assert_eq!(found, ["line 1018", "line 1011", "line 1004", "line 108", "line 101", "line 10"]);

    let ada = server.visitor().sign_in("ada", PASSWORD).await.expect("her password is known");
    let mut tail = ada.tail("").await;
    tail.batch().await;
    let database = tail.cursor.split('-').nth(1).expect("the id of the log").to_owned();
    let mut tail = ada.tail(&format!("(after: \"tw1-{database}-0\")")).await;
    assert_eq!(contiguous(tail.read(LINES).await), messages(0..LINES));
    assert_goes_on(&server, &ada, &database, LINES).await;
}
