//! Exports that somebody asked for: a ticket that is good once and for a moment, then what becomes
//! of it. Any node may serve it, so all that is known of it is in its row.

use chrono::TimeDelta;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction, DbBackend, DbErr, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, UpdateMany,
};
use uuid::Uuid;

use super::{AccountError, OwnedBy, TokenHash, hold_user, insert, kept, malformed};
use crate::log::Timestamp;
use crate::store::entity::{Instant, export};
use crate::store::{Store, StoreError};
use crate::user::{Export, ExportFormat, ExportState, ExportTally};

/// After so long without a word of its server an export counts as broken off.
const SILENCE: TimeDelta = TimeDelta::seconds(30);
/// Ended exports of a user that are kept, the newest.
const KEPT: u64 = 100;

/// What somebody was let in by when they asked for an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantedBy {
    Session(Uuid),
    ApiToken(Uuid),
}

/// An export to be.
#[derive(Clone, Debug)]
pub struct NewExport {
    pub owner: Uuid,
    pub by: GrantedBy,
    /// The JSON of a `LogFilter`.
    pub filter: String,
    pub format: ExportFormat,
    pub skip_damaged: bool,
    /// Of the secret in its link.
    pub hash: TokenHash,
    /// The link is good until then.
    pub expires_at: Timestamp,
}

/// How many exports may wait or run at a time.
#[derive(Clone, Copy, Debug)]
pub struct ExportRoom {
    pub of_a_user: u64,
    pub in_all: u64,
}

/// An export by the secret of its link, and who asked for it.
#[derive(Clone, Debug)]
pub struct ExportTicket {
    pub export: Export,
    pub by: GrantedBy,
}

/// How an export came to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExportEnd {
    Done,
    Cancelled,
    /// Why, for its owner to read.
    Failed(String),
}

impl Store {
    /// Adds an export, and removes what is old of the same user.
    ///
    /// # Errors
    /// [`AccountError::NoRoom`] when as many wait or run at `at` as may, [`AccountError::NotFound`]
    /// when the owner is gone or disabled.
    pub async fn add_export(
        &self,
        new: NewExport,
        room: ExportRoom,
        at: Timestamp,
    ) -> Result<Export, AccountError> {
        let backend = self.backend();
        // One after the other, so that what is counted stays so.
        let transaction = self.administrate().await?;
        hold_user(&transaction, new.owner)
            .await?
            .filter(|owner| !owner.disabled)
            .ok_or(AccountError::NotFound)?;
        let open = export::Entity::find().filter(open_at(at, backend));
        let of_owner = open.clone().filter(export::Column::OwnerId.eq(new.owner));
        if of_owner.count(&transaction).await? >= room.of_a_user
            || open.count(&transaction).await? >= room.in_all
        {
            return Err(AccountError::NoRoom);
        }
        remove_ended(&transaction, new.owner, open_at(at, backend)).await?;
        let export = Export {
            id: Uuid::new_v4(),
            owner: new.owner,
            filter: new.filter,
            format: new.format,
            skip_damaged: new.skip_damaged,
            state: ExportState::Waiting,
            problem: None,
            created_at: kept(at),
            expires_at: kept(new.expires_at),
            started_at: None,
            ended_at: None,
            tally: ExportTally::default(),
        };
        let (session, token) = match new.by {
            GrantedBy::Session(id) => (Some(id), None),
            GrantedBy::ApiToken(id) => (None, Some(id)),
        };
        let row = [
            (export::Column::Id, export.id.into()),
            (export::Column::OwnerId, export.owner.into()),
            (export::Column::SessionId, session.into()),
            (export::Column::TokenId, token.into()),
            (export::Column::Hash, new.hash.0.to_vec().into()),
            (export::Column::Filter, export.filter.clone().into()),
            (export::Column::Format, export.format.name().into()),
            (export::Column::SkipDamaged, export.skip_damaged.into()),
            (export::Column::CreatedAt, Instant::on(backend, export.created_at)),
            (export::Column::ExpiresAt, Instant::on(backend, export.expires_at)),
            (export::Column::State, export.state.name().into()),
            (export::Column::FirstId, 0_i64.into()),
            (export::Column::LastId, 0_i64.into()),
            (export::Column::Position, 0_i64.into()),
            (export::Column::Records, 0_i64.into()),
            (export::Column::Bytes, 0_i64.into()),
            (export::Column::Skipped, 0_i64.into()),
        ];
        insert::<export::Entity>(&transaction, row).await?;
        transaction.commit().await?;
        Ok(export)
    }

    /// The export as it is at `at`.
    pub async fn export_of(
        &self,
        id: Uuid,
        of: OwnedBy,
        at: Timestamp,
    ) -> Result<Option<Export>, StoreError> {
        self.reading(async {
            let row = export::Entity::find_by_id(id)
                .filter(owned_by(of))
                .one(self.lookup_connection())
                .await?;
            row.map(|row| known(row, at)).transpose()
        })
        .await
    }

    /// The export with this secret, as it is at `at`.
    pub async fn export_ticket(
        &self,
        hash: TokenHash,
        at: Timestamp,
    ) -> Result<Option<ExportTicket>, StoreError> {
        self.reading(async {
            let row = export::Entity::find()
                .filter(export::Column::Hash.eq(hash.0.to_vec()))
                .one(self.lookup_connection())
                .await?;
            row.map(|row| ticket(row, at)).transpose()
        })
        .await
    }

    /// Begins an export, if it waits and has not expired at `at`: nobody else does any more.
    /// Whether it does.
    pub async fn take_export(&self, id: Uuid, at: Timestamp) -> Result<bool, StoreError> {
        let now = Instant::on(self.backend(), at);
        let taken = export::Entity::update_many()
            .col_expr(export::Column::State, Expr::val(ExportState::Running.name()))
            .col_expr(export::Column::StartedAt, Expr::val(now.clone()))
            .col_expr(export::Column::HeardAt, Expr::val(now.clone()))
            .filter(export::Column::Id.eq(id))
            .filter(export::Column::State.eq(ExportState::Waiting.name()))
            .filter(export::Column::ExpiresAt.gt(now))
            .exec(&self.write_access().connection())
            .await?;
        Ok(taken.rows_affected > 0)
    }

    /// Says how far a running export is. Whether it is to go on: it may have been called off.
    pub async fn note_export(
        &self,
        id: Uuid,
        tally: ExportTally,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let noted = tell(tally)
            .col_expr(export::Column::HeardAt, Expr::val(Instant::on(self.backend(), at)))
            .filter(running(id))
            .exec(&self.write_access().connection())
            .await?;
        Ok(noted.rows_affected > 0)
    }

    /// Ends a running export. One that was called off stays so.
    pub async fn end_export(
        &self,
        id: Uuid,
        end: ExportEnd,
        tally: ExportTally,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let (state, problem) = match end {
            ExportEnd::Done => (ExportState::Done, None),
            ExportEnd::Cancelled => (ExportState::Cancelled, None),
            ExportEnd::Failed(problem) => (ExportState::Failed, Some(problem)),
        };
        tell(tally)
            .col_expr(export::Column::State, Expr::val(state.name()))
            .col_expr(export::Column::Problem, Expr::val(problem))
            .col_expr(export::Column::EndedAt, Expr::val(Instant::on(self.backend(), at)))
            .filter(running(id))
            .exec(&self.write_access().connection())
            .await?;
        Ok(())
    }

    /// Calls an export off that waits or runs, and gives it as it is then; one that has ended
    /// stays as it is.
    ///
    /// # Errors
    /// [`AccountError::NotFound`].
    pub async fn cancel_export(
        &self,
        id: Uuid,
        of: OwnedBy,
        at: Timestamp,
    ) -> Result<Export, AccountError> {
        let backend = self.backend();
        export::Entity::update_many()
            .col_expr(export::Column::State, Expr::val(ExportState::Cancelled.name()))
            .col_expr(export::Column::EndedAt, Expr::val(Instant::on(backend, at)))
            .filter(export::Column::Id.eq(id))
            .filter(owned_by(of))
            .filter(open_at(at, backend))
            .exec(&self.write_access().connection())
            .await?;
        self.export_of(id, of, at).await?.ok_or(AccountError::NotFound)
    }

    /// Removes what has ended of exports that were asked for before `before`.
    pub async fn remove_old_exports(
        &self,
        before: Timestamp,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let backend = self.backend();
        export::Entity::delete_many()
            .filter(export::Column::CreatedAt.lt(Instant::on(backend, before)))
            .filter(open_at(at, backend).not())
            .exec(&self.write_access().connection())
            .await?;
        Ok(())
    }
}

/// Those that wait or run at `at`.
fn open_at(at: Timestamp, backend: DbBackend) -> Condition {
    let waits = Condition::all()
        .add(export::Column::State.eq(ExportState::Waiting.name()))
        .add(export::Column::ExpiresAt.gt(Instant::on(backend, at)));
    let runs = Condition::all()
        .add(export::Column::State.eq(ExportState::Running.name()))
        .add(export::Column::HeardAt.gt(Instant::on(backend, at - SILENCE)));
    Condition::any().add(waits).add(runs)
}

fn running(id: Uuid) -> Condition {
    Condition::all()
        .add(export::Column::Id.eq(id))
        .add(export::Column::State.eq(ExportState::Running.name()))
}

fn owned_by(of: OwnedBy) -> Condition {
    Condition::all().add_option(of.map(|owner| export::Column::OwnerId.eq(owner)))
}

/// An update of how far it is.
fn tell(tally: ExportTally) -> UpdateMany<export::Entity> {
    let ExportTally { first_id, last_id, position, records, bytes, skipped } = tally;
    export::Entity::update_many()
        .col_expr(export::Column::FirstId, Expr::val(first_id))
        .col_expr(export::Column::LastId, Expr::val(last_id))
        .col_expr(export::Column::Position, Expr::val(position))
        .col_expr(export::Column::Records, Expr::val(whole(records)))
        .col_expr(export::Column::Bytes, Expr::val(whole(bytes)))
        .col_expr(export::Column::Skipped, Expr::val(whole(skipped)))
}

/// A count as a column takes it.
fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A count as a column holds it.
fn count(column: i64) -> u64 {
    u64::try_from(column).unwrap_or(0)
}

/// Removes the exports of a user that are not open, but for the newest.
async fn remove_ended(
    transaction: &DatabaseTransaction,
    owner: Uuid,
    open: Condition,
) -> Result<(), DbErr> {
    let old: Vec<Uuid> = export::Entity::find()
        .select_only()
        .column(export::Column::Id)
        .filter(export::Column::OwnerId.eq(owner))
        .filter(open.not())
        .order_by_desc(export::Column::CreatedAt)
        .offset(KEPT)
        .limit(KEPT)
        .into_tuple()
        .all(transaction)
        .await?;
    if !old.is_empty() {
        export::Entity::delete_many()
            .filter(export::Column::Id.is_in(old))
            .exec(transaction)
            .await?;
    }
    Ok(())
}

fn ticket(row: export::Model, at: Timestamp) -> Result<ExportTicket, StoreError> {
    let by = match (row.session_id, row.token_id) {
        (Some(id), _) => GrantedBy::Session(id),
        (None, Some(id)) => GrantedBy::ApiToken(id),
        (None, None) => {
            return Err(malformed("export.session_id", &"it is null, and so is token_id"));
        }
    };
    Ok(ExportTicket { export: known(row, at)?, by })
}

fn known(row: export::Model, at: Timestamp) -> Result<Export, StoreError> {
    let mut export = Export {
        id: row.id,
        owner: row.owner_id,
        filter: row.filter,
        format: row.format.parse().map_err(|error| malformed("export.format", &error))?,
        skip_damaged: row.skip_damaged,
        state: row.state.parse().map_err(|error| malformed("export.state", &error))?,
        problem: row.problem,
        created_at: row.created_at.0,
        expires_at: row.expires_at.0,
        started_at: row.started_at.map(|at| at.0),
        ended_at: row.ended_at.map(|at| at.0),
        tally: ExportTally {
            first_id: row.first_id,
            last_id: row.last_id,
            position: row.position,
            records: count(row.records),
            bytes: count(row.bytes),
            skipped: count(row.skipped),
        },
    };
    let heard_at = row.heard_at.map(|at| at.0);
    match export.state {
        ExportState::Waiting if export.expires_at <= at => export.state = ExportState::Expired,
        ExportState::Running if heard_at.is_none_or(|heard| heard <= at - SILENCE) => {
            export.state = ExportState::Failed;
            export.problem = Some("the server that sent it fell silent".to_owned());
            export.ended_at = heard_at;
        }
        _ => {}
    }
    Ok(export)
}
