//! The audit log, and the connection over it.

use async_graphql::connection::PageInfo;
use async_graphql::{Context, ID, SimpleObject};

use crate::api::connection::size;
use crate::api::cursor::{self, List};
use crate::api::errors::ApiError;
use crate::api::limits::{DEFAULT_PAGE, MAX_PAGE};
use crate::api::reader::database;
use crate::api::scalars::DateTime;
use crate::auth::{Admin, Auth};
use crate::user::AuditEntry as Entry;

/// What somebody did, or tried to.
#[derive(SimpleObject)]
pub struct AuditEntry {
    /// Its place in the audit log, from 1.
    id: ID,
    /// When.
    at: DateTime,
    /// Who, by name; empty when nobody was signed in.
    actor: String,
    /// What: the name of the mutation, or of the command on the server.
    action: String,
    /// To whom or what, by name.
    target: Option<String>,
    /// From where; null for a command on the server.
    address: Option<String>,
    /// OK, or the code of the error.
    outcome: String,
}

impl From<Entry> for AuditEntry {
    fn from(entry: Entry) -> Self {
        AuditEntry {
            id: entry.id.into(),
            at: DateTime(entry.at),
            actor: entry.act.actor,
            action: entry.act.action,
            target: entry.act.target,
            address: entry.act.address.map(|address| address.to_string()),
            outcome: entry.act.outcome,
        }
    }
}

/// A page of the audit log, the newest first.
#[derive(SimpleObject)]
pub struct AuditConnection {
    /// The entries of the page with their cursors.
    edges: Vec<AuditEdge>,
    /// Where the page stands in the whole.
    page_info: PageInfo,
}

/// An entry on a page.
#[derive(SimpleObject)]
pub struct AuditEdge {
    /// The place of the entry, for `after`.
    cursor: String,
    /// The entry.
    node: AuditEntry,
}

/// Reads a page of the audit log.
pub async fn audit(
    ctx: &Context<'_>,
    admin: &Admin,
    first: Option<i32>,
    after: Option<String>,
) -> Result<AuditConnection, ApiError> {
    let limit = first.map_or(Ok(DEFAULT_PAGE), |first| size("first", first, MAX_PAGE))?;
    let database = database(ctx);
    let before: Option<i64> =
        after.map(|text| cursor::read(database, List::Audit, "after", &text)).transpose()?;
    let mut acts = ctx.data_unchecked::<Auth>().acts(admin, before, limit + 1).await?;
    let more = acts.len() > limit;
    acts.truncate(limit);
    let edges: Vec<AuditEdge> = acts
        .into_iter()
        .map(|entry| AuditEdge {
            cursor: cursor::write(database, List::Audit, &entry.id),
            node: entry.into(),
        })
        .collect();
    Ok(AuditConnection {
        page_info: PageInfo {
            has_previous_page: before.is_some(),
            has_next_page: more,
            start_cursor: edges.first().map(|edge| edge.cursor.clone()),
            end_cursor: edges.last().map(|edge| edge.cursor.clone()),
        },
        edges,
    })
}
