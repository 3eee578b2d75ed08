//! The store, over both databases.

mod belongings;
mod blocks;
mod damage;
mod exporting;
mod exports;
mod mix;
mod narrowing;
mod outage;
mod people;
mod pruning;
mod reading;
mod sessions;
mod support;
mod users;
mod writing;

/// Runs one test over both databases.
macro_rules! over_both_databases {
    ($($(#[$attribute:meta])* $name:ident),* $(,)?) => {
        mod sqlite {
            $(
                $(#[$attribute])*
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    super::$name(crate::store::support::Database::sqlite().await).await;
                }
            )*
        }
        mod postgres {
            $(
                $(#[$attribute])*
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    super::$name(crate::store::support::Database::postgres().await).await;
                }
            )*
        }
    };
}
pub(crate) use over_both_databases;
