//! A database of a bench: empty, private, and gone afterwards.

use tailwater::store::{Store, StoreOptions};
use tempfile::TempDir;

use crate::servers::Postgres;
use crate::usage::Root;

#[derive(Clone, Copy)]
pub enum Database {
    Postgres,
    Sqlite,
}

impl Database {
    pub fn name(self) -> &'static str {
        match self {
            Database::Postgres => "postgres",
            Database::Sqlite => "sqlite",
        }
    }
}

/// An empty database.
pub struct Place {
    pub url: String,
    pub server: Option<Postgres>,
    _directory: TempDir,
}

impl Place {
    pub fn new(database: Database) -> Self {
        let directory = TempDir::with_prefix("tailwater-bench-").expect("a directory");
        let server = match database {
            Database::Postgres => Some(Postgres::start()),
            Database::Sqlite => None,
        };
        let file = || format!("sqlite://{}", directory.path().join("log.db").display());
        let url = server.as_ref().map_or_else(file, Postgres::url);
        Place { url, server, _directory: directory }
    }

    /// The processes that work for it beside our own.
    pub fn roots(&self) -> Vec<Root> {
        self.server.iter().map(|server| server.process.root()).collect()
    }

    /// A store of our schema on it.
    pub async fn store(&self) -> Store {
        let options = StoreOptions::new(&self.url);
        let store = Store::connect(&options).await.expect("the database is there");
        store.migrate().await.expect("the schema is made");
        store
    }
}
