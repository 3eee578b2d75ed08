//! Sessions and their refresh tokens.
//!
//! A session has one live refresh token at a time; those used before are kept for as long as the
//! session is, so that a stolen one is noticed.

use std::net::IpAddr;
use std::time::Duration;

use chrono::TimeDelta;
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::{
    AccountError, IDS_A_STATEMENT, TokenHash, address, address_text, hold_user, insert, kept, users,
};
use crate::log::Timestamp;
use crate::store::entity::{Instant, refresh_token, session, user_account};
use crate::store::{Store, StoreError};
use crate::user::{Session, User};

/// Rows that are removed by one statement: SQLite has one writer, and it is not to wait.
const ROWS_AT_ONCE: u64 = 500;

/// A session to be.
#[derive(Clone, Debug)]
pub struct NewSession {
    pub id: Uuid,
    pub user: Uuid,
    /// The version of the user whose credentials were checked.
    pub version: i32,
    pub at: Timestamp,
    /// Unless it is used before. Each use lets it live as long again.
    pub expires_at: Timestamp,
    pub address: Option<IpAddr>,
    pub user_agent: Option<String>,
    /// Its first refresh token.
    pub refresh: TokenHash,
}

/// What came of a refresh token.
#[derive(Clone, Debug)]
pub enum Rotation {
    /// The successor is the one live token now.
    Rotated { session: Session, user: User },
    /// No token of a session that lives.
    Unknown,
    /// It was used before, too long ago for a lost answer: the session has been ended.
    Replayed { session: Session, user: User },
}

/// A session that lives, and whose.
#[derive(Clone, Debug)]
pub struct SessionStanding {
    pub session: Session,
    pub user: User,
}

impl Store {
    /// Opens a session.
    ///
    /// # Errors
    /// [`AccountError::NotFound`] when the user is gone, disabled or of another version: what was
    /// checked, a password that has been changed meanwhile perhaps, counts no more.
    pub async fn open_session(&self, new: NewSession) -> Result<Session, AccountError> {
        let transaction = self.begin_write().await?;
        let user = hold_user(&transaction, new.user).await?;
        if !user.is_some_and(|user| !user.disabled && user.version == new.version) {
            return Err(AccountError::NotFound);
        }
        let session = Session {
            id: new.id,
            user: new.user,
            created_at: kept(new.at),
            last_used_at: kept(new.at),
            expires_at: kept(new.expires_at),
            address: new.address,
            user_agent: new.user_agent,
        };
        let backend = self.backend();
        let row = [
            (session::Column::Id, session.id.into()),
            (session::Column::UserId, session.user.into()),
            (session::Column::CreatedAt, Instant::on(backend, session.created_at)),
            (session::Column::LastUsedAt, Instant::on(backend, session.last_used_at)),
            (session::Column::ExpiresAt, Instant::on(backend, session.expires_at)),
            (session::Column::Address, address_text(session.address)),
            (session::Column::UserAgent, session.user_agent.clone().into()),
        ];
        insert::<session::Entity>(&transaction, row).await?;
        add_refresh_token(&transaction, &session, new.refresh).await?;
        transaction.commit().await?;
        Ok(session)
    }

    /// Uses a refresh token and puts `successor` in its place, in one transaction that holds the
    /// session. A token used no longer than `grace` before `at` is given a fresh successor too,
    /// which takes the place of the one before; one used earlier ends the session. Each use lets
    /// the session live as long again as its opening did.
    pub async fn rotate_refresh_token(
        &self,
        token: TokenHash,
        successor: TokenHash,
        at: Timestamp,
        grace: Duration,
    ) -> Result<Rotation, StoreError> {
        let transaction = self.begin_write().await?;
        let Some((mut session, user, used_at)) = held(&transaction, token, at).await? else {
            return Ok(Rotation::Unknown);
        };
        let grace = TimeDelta::from_std(grace).unwrap_or(TimeDelta::MAX);
        if used_at.is_some_and(|used_at| at - used_at > grace) {
            end(&transaction, Condition::all().add(session::Column::Id.eq(session.id))).await?;
            transaction.commit().await?;
            return Ok(Rotation::Replayed { session, user });
        }
        let lifetime = session.expires_at - session.last_used_at;
        session.last_used_at = session.last_used_at.max(kept(at));
        session.expires_at =
            session.last_used_at.checked_add_signed(lifetime).unwrap_or(session.expires_at);
        use_up(&transaction, &session, at).await?;
        add_refresh_token(&transaction, &session, successor).await?;
        transaction.commit().await?;
        Ok(Rotation::Rotated { session, user })
    }

    /// Those of these sessions that live: not ended, not expired at `at`, their user not
    /// disabled.
    pub async fn session_standings(
        &self,
        ids: &[Uuid],
        at: Timestamp,
    ) -> Result<Vec<SessionStanding>, StoreError> {
        self.reading(async {
            let mut standings = Vec::new();
            for ids in ids.chunks(IDS_A_STATEMENT) {
                let rows = session::Entity::find()
                    .find_both_related(user_account::Entity)
                    .filter(session::Column::Id.is_in(ids.iter().copied()))
                    .filter(session::Column::ExpiresAt.gt(Instant::on(self.backend(), at)))
                    .filter(user_account::Column::Disabled.eq(false))
                    .all(self.lookup_connection())
                    .await?;
                for (session, user) in rows {
                    let (session, user) = (known(session)?, users::known(user)?);
                    standings.push(SessionStanding { session, user });
                }
            }
            Ok(standings)
        })
        .await
    }

    /// The sessions of a user that have not expired, newest first.
    pub async fn sessions(&self, user: Uuid, at: Timestamp) -> Result<Vec<Session>, StoreError> {
        self.reading(async {
            let rows = session::Entity::find()
                .filter(session::Column::UserId.eq(user))
                .filter(session::Column::ExpiresAt.gt(Instant::on(self.backend(), at)))
                .order_by_desc(session::Column::CreatedAt)
                .order_by_desc(session::Column::Id)
                .all(self.lookup_connection())
                .await?;
            rows.into_iter().map(known).collect()
        })
        .await
    }

    /// Ends a session of a user. Whether there was one.
    pub async fn end_session(&self, user: Uuid, id: Uuid) -> Result<bool, StoreError> {
        let transaction = self.begin_write().await?;
        let ended = end(&transaction, of_user(user).add(session::Column::Id.eq(id))).await?;
        transaction.commit().await?;
        Ok(ended > 0)
    }

    /// Ends the sessions of a user, but `keep`. How many there were.
    pub async fn end_sessions(&self, user: Uuid, keep: Option<Uuid>) -> Result<u64, StoreError> {
        let transaction = self.begin_write().await?;
        let ended = end(&transaction, of_user_but(user, keep)).await?;
        transaction.commit().await?;
        Ok(ended)
    }

    /// Removes sessions and refresh tokens that expired before `at`. How many sessions.
    pub async fn remove_expired_sessions(&self, at: Timestamp) -> Result<u64, StoreError> {
        let before = Instant::on(self.backend(), at);
        let expired = Condition::all().add(session::Column::ExpiresAt.lt(before.clone()));
        let mut removed = 0;
        loop {
            let transaction = self.begin_write().await?;
            let some = end_some(&transaction, expired.clone()).await?;
            transaction.commit().await?;
            removed += some;
            if some < ROWS_AT_ONCE {
                break;
            }
        }
        // Those of sessions that live.
        let expired = Query::select()
            .column(refresh_token::Column::Hash)
            .from(refresh_token::Entity)
            .and_where(refresh_token::Column::ExpiresAt.lt(before))
            .limit(ROWS_AT_ONCE)
            .to_owned();
        loop {
            let some = refresh_token::Entity::delete_many()
                .filter(refresh_token::Column::Hash.in_subquery(expired.clone()))
                .exec(&self.write_access().connection())
                .await?;
            if some.rows_affected < ROWS_AT_ONCE {
                return Ok(removed);
            }
        }
    }
}

/// The session that a refresh token belongs to, held until the transaction ends, whose it is, and
/// when the token was used. `None` when it is of no session that lives.
async fn held(
    transaction: &DatabaseTransaction,
    token: TokenHash,
    at: Timestamp,
) -> Result<Option<(Session, User, Option<Timestamp>)>, StoreError> {
    let token = || refresh_token::Entity::find_by_id(token.0.to_vec()).one(transaction);
    let Some(seen) = token().await? else { return Ok(None) };
    let session = session::Entity::find_by_id(seen.session_id).lock_exclusive();
    let Some(session) = session.one(transaction).await? else { return Ok(None) };
    // Somebody else may have used it until the session was ours.
    let Some(token) = token().await? else { return Ok(None) };
    let user = user_account::Entity::find_by_id(session.user_id).one(transaction).await?;
    let Some(user) = user.filter(|user| !user.disabled) else { return Ok(None) };
    if session.expires_at.0 <= at || token.expires_at.0 <= at {
        return Ok(None);
    }
    Ok(Some((known(session)?, users::known(user)?, token.used_at.map(|used_at| used_at.0))))
}

/// Notes a use of the session: its live token is used up.
async fn use_up(
    transaction: &DatabaseTransaction,
    session: &Session,
    at: Timestamp,
) -> Result<(), DbErr> {
    let instant = |at| Expr::val(Instant::on(transaction.get_database_backend(), at));
    session::Entity::update_many()
        .col_expr(session::Column::LastUsedAt, instant(session.last_used_at))
        .col_expr(session::Column::ExpiresAt, instant(session.expires_at))
        .filter(session::Column::Id.eq(session.id))
        .exec(transaction)
        .await?;
    refresh_token::Entity::update_many()
        .col_expr(refresh_token::Column::UsedAt, instant(at))
        .filter(refresh_token::Column::SessionId.eq(session.id))
        .filter(refresh_token::Column::UsedAt.is_null())
        .exec(transaction)
        .await?;
    Ok(())
}

async fn add_refresh_token(
    transaction: &DatabaseTransaction,
    session: &Session,
    token: TokenHash,
) -> Result<(), DbErr> {
    let expires_at = Instant::on(transaction.get_database_backend(), session.expires_at);
    let row = [
        (refresh_token::Column::Hash, token.0.to_vec().into()),
        (refresh_token::Column::SessionId, session.id.into()),
        (refresh_token::Column::ExpiresAt, expires_at),
    ];
    insert::<refresh_token::Entity>(transaction, row).await
}

fn of_user(user: Uuid) -> Condition {
    Condition::all().add(session::Column::UserId.eq(user))
}

/// The sessions of a user, but this one.
pub(super) fn of_user_but(user: Uuid, keep: Option<Uuid>) -> Condition {
    of_user(user).add_option(keep.map(|keep| session::Column::Id.ne(keep)))
}

/// Ends sessions. How many.
pub(super) async fn end(transaction: &DatabaseTransaction, which: Condition) -> Result<u64, DbErr> {
    let mut ended = 0;
    loop {
        let some = end_some(transaction, which.clone()).await?;
        ended += some;
        if some < ROWS_AT_ONCE {
            return Ok(ended);
        }
    }
}

/// Ends some of these sessions, in the order of their ids, so that two who do it wait for each
/// other; all of them when they are fewer than [`ROWS_AT_ONCE`].
async fn end_some(transaction: &DatabaseTransaction, which: Condition) -> Result<u64, DbErr> {
    // A rotation too holds the session before its tokens.
    let ids: Vec<Uuid> = session::Entity::find()
        .select_only()
        .column(session::Column::Id)
        .filter(which)
        .order_by_asc(session::Column::Id)
        .limit(ROWS_AT_ONCE)
        .lock_exclusive()
        .into_tuple()
        .all(transaction)
        .await?;
    refresh_token::Entity::delete_many()
        .filter(refresh_token::Column::SessionId.is_in(ids.iter().copied()))
        .exec(transaction)
        .await?;
    let ended = session::Entity::delete_many()
        .filter(session::Column::Id.is_in(ids))
        .exec(transaction)
        .await?;
    Ok(ended.rows_affected)
}

fn known(row: session::Model) -> Result<Session, StoreError> {
    Ok(Session {
        id: row.id,
        user: row.user_id,
        created_at: row.created_at.0,
        last_used_at: row.last_used_at.0,
        expires_at: row.expires_at.0,
        address: address("session.address", row.address)?,
        user_agent: row.user_agent,
    })
}
