//! Where the log begins and ends.

use std::sync::atomic::{AtomicU64, Ordering};

use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ConnectionTrait, FromQueryResult};
use tokio::sync::Mutex;
use uuid::Uuid;

use super::super::entity::{block, head, log};
use super::super::{Head, Store, StoreError};
use super::catalogue::ends_from;

impl Store {
    /// Where the log begins and ends. Those who ask at the same time share a look, which began after
    /// the last of them asked.
    pub async fn head(&self) -> Result<Head, StoreError> {
        let look = || head_after(self.lookup_connection(), 0);
        self.reading(self.inner.looks.share(look)).await
    }
}

/// Where the log ends, and the first position kept after this one. One statement, and so one moment.
pub(super) async fn head_after(
    connection: &impl ConnectionTrait,
    after: i64,
) -> Result<Head, StoreError> {
    let first_row = Query::select()
        .expr(Expr::col(log::Column::Id).min())
        .from(log::Entity)
        .and_where(Expr::col(log::Column::Id).gt(after))
        .to_owned();
    let first_block = Query::select()
        .column(block::Column::FirstId)
        .from(block::Entity)
        .cond_where(ends_from(after.saturating_add(1)))
        .order_by(block::Column::FirstId, sea_orm::Order::Asc)
        .limit(1)
        .to_owned();
    let question = Query::select()
        .columns([head::Column::Database, head::Column::LastId])
        .expr_as(Expr::from(first_row), "first_row")
        .expr_as(Expr::from(first_block), "first_block")
        .from(head::Entity)
        .and_where(Expr::col(head::Column::Id).eq(head::ONLY))
        .to_owned();
    let ends = connection.query_one(&question).await?;
    let ends = ends.map(|row| Ends::from_query_result(&row, "")).transpose()?;
    let ends = ends.ok_or_else(|| StoreError::Internal("the head row is missing".to_owned()))?;
    let block = ends.first_block.map(|first_id| Ord::max(first_id, after.saturating_add(1)));
    Ok(Head {
        database: ends.database,
        last_id: ends.last_id,
        first_id: ends.first_row.into_iter().chain(block).min().unwrap_or(ends.last_id + 1),
    })
}

#[derive(FromQueryResult)]
struct Ends {
    database: Uuid,
    last_id: i64,
    first_row: Option<i64>,
    first_block: Option<i64>,
}

/// Looks at the ends of the log, of which many want one at the same time.
#[derive(Debug, Default)]
pub(in crate::store) struct Looks {
    /// How often somebody asked.
    asked: AtomicU64,
    /// The last look, and how many had asked before it began.
    last: Mutex<(u64, Option<Head>)>,
}

impl Looks {
    /// What a look says that began after this was called: one's own, or that of another.
    async fn share<F>(&self, look: impl FnOnce() -> F) -> Result<Head, StoreError>
    where
        F: Future<Output = Result<Head, StoreError>>,
    {
        let mine = self.asked.fetch_add(1, Ordering::AcqRel) + 1;
        let mut last = self.last.lock().await;
        if let (asked, Some(head)) = *last
            && asked >= mine
        {
            return Ok(head);
        }
        let asked = self.asked.load(Ordering::Acquire);
        let head = look().await?;
        *last = (asked, Some(head));
        Ok(head)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;

    use super::*;

    fn head(last_id: i64) -> Head {
        Head { database: Uuid::nil(), last_id, first_id: 1 }
    }

    #[tokio::test]
    async fn who_asks_while_a_look_is_under_way_gets_the_next_one() {
        let (looks, taken) = (Looks::default(), AtomicU64::new(0));
        let ask = || {
            looks.share(async || {
                let number = taken.fetch_add(1, Ordering::Relaxed) + 1;
                // The others ask meanwhile.
                tokio::task::yield_now().await;
                Ok(head(number as i64))
            })
        };
        let heads: Vec<i64> =
            join_all((0..9).map(|_| ask())).await.into_iter().map(|h| h.unwrap().last_id).collect();
        assert_eq!(heads, [1, 2, 2, 2, 2, 2, 2, 2, 2]);
        assert_eq!(ask().await.unwrap().last_id, 3);
    }

    #[tokio::test]
    async fn a_look_that_fails_is_nobody_elses() {
        let looks = Looks::default();
        let failed = async || Err(StoreError::Internal("no".to_owned()));
        let (one, other) = tokio::join!(looks.share(failed), looks.share(async || Ok(head(7))));
        assert!(one.is_err());
        assert_eq!(other.unwrap(), head(7));
    }
}
