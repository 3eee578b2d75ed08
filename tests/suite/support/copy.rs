//! Copies of a database, taken while it is in use, as its operator would.

use sea_orm::ConnectionTrait;

use super::pair::Pair;
use super::postgres::Postgres;

impl Pair {
    /// A copy of the database as it is at this moment, with nothing else of the pair.
    pub async fn copy(&self) -> Pair {
        let Some(file) = self.database_url.strip_prefix("sqlite://") else {
            let postgres = Postgres::shared();
            return Pair::of_postgres(postgres.restored(&postgres.dump(&self.database_url)).await);
        };
        let copy = Pair::memory_sqlite().await;
        let into = copy.database_url.strip_prefix("sqlite://").expect("SQLite");
        let database = sea_orm::Database::connect(format!("sqlite://{file}?mode=ro"));
        let database = database.await.expect("a connection");
        let vacuum = format!("VACUUM INTO '{into}'");
        database.execute_unprepared(&vacuum).await.expect("a copy");
        copy
    }
}
