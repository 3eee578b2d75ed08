//! `tailwater migrate restored`: makes a new log of an older copy that was put in the place of the
//! database.
//!
//! Positions after the end of the copy are handed out a second time. Under the old id a reader that
//! was ahead of the copy would pass over them in silence; under a new one its cursor is refused.

use std::fmt;

use uuid::Uuid;

use super::StartError;
use super::access::open_auth;
use super::open::{nats_options, store_options};
use crate::config::Config;
use crate::queue::Queue;
use crate::queue::nats::NatsQueue;
use crate::store::{Store, StoreError};

/// How the audit log calls it.
const ACTION: &str = "restored";

/// What was done, for people.
#[derive(Clone, Copy, Debug)]
pub struct Restored {
    old: Uuid,
    new: Uuid,
    last_id: i64,
}

impl fmt::Display for Restored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Restored { old, new, last_id } = self;
        write!(f, "log {old} goes on as {new} after position {last_id}; all sessions are over")
    }
}

/// Gives the log of the database a new id and ends all sessions; gives the namespace on NATS back,
/// so that the next worker claims it under the new id, with the frames that wait in it. When it
/// fails, it can be tried again.
///
/// # Errors
/// Somebody writes into the database; the namespace belongs to another one; those of the database
/// and of NATS, which are not waited for.
pub async fn restored(config: &Config) -> Result<Restored, StartError> {
    let store = Store::connect(&store_options(config)).await?;
    if config.migrate {
        store.migrate().await?;
    }
    let Some(writer) = store.claim_writer().await? else {
        return Err(StoreError::Unusable(
            "a tailwater writes into this database: stop it first".to_owned(),
        )
        .into());
    };
    let old = store.head().await?.database;
    if let Some(options) = nats_options(config) {
        // First: a claim that is given back is taken up again by whoever comes, under either id.
        Queue::Nats(NatsQueue::connect(options).await?).disclaim(old).await?;
    }
    let new = store.rename(&writer).await?;
    let auth = open_auth(config, store.clone()).await?;
    auth.note_command(&auth.command_line(), ACTION, Some(&new.to_string()), "OK").await;
    let restored = Restored { old, new, last_id: writer.last_id() };
    drop(writer);
    store.close().await;
    Ok(restored)
}
