//! The four pairs of queue and store; the same behaviour is asked of each.

use std::ops::RangeInclusive;

use sea_orm::ConnectionTrait;
use tailwater::store::{Sealing, Store, StoreOptions};

use super::nats::NatsServer;
use super::postgres::Postgres;
use super::server::Setup;

/// A queue and a store, with the private servers they need.
pub struct Pair {
    pub nats: Option<NatsServer>,
    pub database_url: String,
    // Holds the SQLite file until the test ends.
    _directory: Option<tempfile::TempDir>,
}

impl Pair {
    pub async fn memory_sqlite() -> Pair {
        let directory = tempfile::tempdir().expect("a directory");
        let database_url = format!("sqlite://{}/tailwater.db", directory.path().display());
        Pair { nats: None, database_url, _directory: Some(directory) }
    }

    pub async fn memory_postgres() -> Pair {
        Pair::of_postgres(Postgres::shared().database().await)
    }

    /// A database of Postgres that is there, with the queue in memory.
    pub fn of_postgres(database_url: String) -> Pair {
        Pair { nats: None, database_url, _directory: None }
    }

    pub async fn nats_sqlite() -> Pair {
        Pair { nats: Some(NatsServer::start()), ..Pair::memory_sqlite().await }
    }

    pub async fn nats_postgres() -> Pair {
        Pair { nats: Some(NatsServer::start()), ..Pair::memory_postgres().await }
    }

    /// Makes the database refuse records whose message begins with this word.
    pub async fn refuse(&self, word: &str) {
        let statement = if self.database_url.starts_with("sqlite:") {
            format!(
                "CREATE TRIGGER refuse BEFORE INSERT ON log WHEN NEW.message LIKE '{word}%'
                 BEGIN SELECT RAISE(ABORT, 'refused by the test'); END"
            )
        } else {
            format!("ALTER TABLE log ADD CONSTRAINT refuse CHECK (message NOT LIKE '{word}%')")
        };
        let database = sea_orm::Database::connect(&self.database_url).await.expect("a connection");
        database.execute_unprepared(&statement).await.expect("the statement is right");
    }

    /// Makes a block in its final form of each of these ranges.
    pub async fn seal(&self, ranges: impl IntoIterator<Item = RangeInclusive<i64>>) {
        let store = Store::connect(&StoreOptions::new(&self.database_url)).await.expect("connect");
        for range in ranges {
            let sealing = Sealing { range, logs: None, is_final: true };
            store.seal(sealing).await.expect("seal");
        }
        store.close().await;
    }

    /// A role on this pair.
    pub fn role(&self, role: &'static str) -> Setup {
        let setup = Setup::new(role).with("DATABASE_URL", &self.database_url);
        match &self.nats {
            Some(nats) => setup.with("NATS_URL", nats.url()).with("NATS_MAX_BYTES", "256MiB"),
            None => setup,
        }
    }
}

/// Makes each function a test of every pair.
macro_rules! on_every_pair {
    ($($test:ident),* $(,)?) => {
        on_every_pair!(@pair memory_sqlite $($test)*);
        on_every_pair!(@pair memory_postgres $($test)*);
        on_every_pair!(@pair nats_sqlite $($test)*);
        on_every_pair!(@pair nats_postgres $($test)*);
    };
    (@pair $pair:ident $($test:ident)*) => {
        mod $pair {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    super::$test($crate::support::pair::Pair::$pair().await).await;
                }
            )*
        }
    };
}

/// Makes each function a test of both databases, with the queue in memory.
macro_rules! on_both_databases {
    ($($test:ident),* $(,)?) => {
        $crate::support::pair::on_every_pair!(@pair memory_sqlite $($test)*);
        $crate::support::pair::on_every_pair!(@pair memory_postgres $($test)*);
    };
}

pub(crate) use {on_both_databases, on_every_pair};
