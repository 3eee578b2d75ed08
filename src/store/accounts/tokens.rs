//! API tokens.

use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    SelectTwoRequired,
};
use uuid::Uuid;

use super::{
    AccountError, IDS_A_STATEMENT, OwnedBy, TokenHash, hold_user, insert, kept, malformed, users,
};
use crate::log::{Timestamp, now};
use crate::store::entity::{Instant, api_token, user_account};
use crate::store::{Store, StoreError};
use crate::user::{ApiToken, TokenScope, User};

/// An API token to be.
#[derive(Clone, Debug)]
pub struct NewToken {
    pub owner: Uuid,
    /// The version of the owner whose right to make it was checked.
    pub version: i32,
    pub name: String,
    pub prefix: String,
    pub scope: TokenScope,
    pub expires_at: Option<Timestamp>,
    pub hash: TokenHash,
}

/// An API token that is good, and whose.
#[derive(Clone, Debug)]
pub struct TokenStanding {
    pub token: ApiToken,
    pub user: User,
}

impl Store {
    /// Adds an API token.
    ///
    /// # Errors
    /// [`AccountError::NameTaken`] when the owner has one of this name, [`AccountError::NotFound`]
    /// when the owner is gone, disabled or changed since.
    pub async fn add_api_token(&self, new: NewToken) -> Result<ApiToken, AccountError> {
        let backend = self.backend();
        let transaction = self.begin_write().await?;
        hold_user(&transaction, new.owner)
            .await?
            .filter(|owner| !owner.disabled && owner.version == new.version)
            .ok_or(AccountError::NotFound)?;
        let token = ApiToken {
            id: Uuid::new_v4(),
            owner: new.owner,
            name: new.name,
            prefix: new.prefix,
            scope: new.scope,
            created_at: now(),
            expires_at: new.expires_at.map(kept),
            last_used_at: None,
        };
        let row = [
            (api_token::Column::Id, token.id.into()),
            (api_token::Column::OwnerId, token.owner.into()),
            (api_token::Column::Name, token.name.clone().into()),
            (api_token::Column::Prefix, token.prefix.clone().into()),
            (api_token::Column::Hash, new.hash.0.to_vec().into()),
            (api_token::Column::Scope, token.scope.name().into()),
            (api_token::Column::CreatedAt, Instant::on(backend, token.created_at)),
            (api_token::Column::ExpiresAt, Instant::or_null_on(backend, token.expires_at)),
        ];
        insert::<api_token::Entity>(&transaction, row).await?;
        transaction.commit().await?;
        Ok(token)
    }

    /// The token with this hash, if it has not expired at `at` and its owner is not disabled.
    pub async fn api_token(
        &self,
        hash: TokenHash,
        at: Timestamp,
    ) -> Result<Option<TokenStanding>, StoreError> {
        self.reading(async {
            let row = good(at, self.backend())
                .filter(api_token::Column::Hash.eq(hash.0.to_vec()))
                .one(self.lookup_connection())
                .await?;
            row.map(standing).transpose()
        })
        .await
    }

    /// Those of these tokens that are still good at `at`.
    pub async fn api_token_standings(
        &self,
        ids: &[Uuid],
        at: Timestamp,
    ) -> Result<Vec<TokenStanding>, StoreError> {
        self.reading(async {
            let mut standings = Vec::new();
            for ids in ids.chunks(IDS_A_STATEMENT) {
                let rows = good(at, self.backend())
                    .filter(api_token::Column::Id.is_in(ids.iter().copied()))
                    .all(self.lookup_connection())
                    .await?;
                for row in rows {
                    standings.push(standing(row)?);
                }
            }
            Ok(standings)
        })
        .await
    }

    /// API tokens, newest first.
    pub async fn api_tokens(&self, of: OwnedBy) -> Result<Vec<ApiToken>, StoreError> {
        self.reading(async {
            let rows = api_token::Entity::find()
                .filter(owned_by(of))
                .order_by_desc(api_token::Column::CreatedAt)
                .order_by_desc(api_token::Column::Id)
                .all(self.lookup_connection())
                .await?;
            rows.into_iter().map(known).collect()
        })
        .await
    }

    /// Removes an API token, and gives it.
    ///
    /// # Errors
    /// [`AccountError::NotFound`].
    pub async fn remove_api_token(&self, id: Uuid, of: OwnedBy) -> Result<ApiToken, AccountError> {
        let transaction = self.begin_write().await?;
        let row = api_token::Entity::find_by_id(id)
            .filter(owned_by(of))
            .lock_exclusive()
            .one(&transaction)
            .await?;
        let token = known(row.ok_or(AccountError::NotFound)?)?;
        api_token::Entity::delete_by_id(id).exec(&transaction).await?;
        transaction.commit().await?;
        Ok(token)
    }

    /// Notes that a token was used.
    pub async fn api_token_used(&self, id: Uuid, at: Timestamp) -> Result<(), StoreError> {
        let at = Instant::on(self.backend(), at);
        let earlier = Condition::any()
            .add(api_token::Column::LastUsedAt.is_null())
            .add(api_token::Column::LastUsedAt.lt(at.clone()));
        api_token::Entity::update_many()
            .col_expr(api_token::Column::LastUsedAt, Expr::val(at))
            .filter(api_token::Column::Id.eq(id))
            .filter(earlier)
            .exec(&self.write_access().connection())
            .await?;
        Ok(())
    }
}

/// Tokens that have not expired, with owners who are not disabled.
fn good(
    at: Timestamp,
    backend: DbBackend,
) -> SelectTwoRequired<api_token::Entity, user_account::Entity> {
    let unexpired = Condition::any()
        .add(api_token::Column::ExpiresAt.is_null())
        .add(api_token::Column::ExpiresAt.gt(Instant::on(backend, at)));
    api_token::Entity::find()
        .find_both_related(user_account::Entity)
        .filter(unexpired)
        .filter(user_account::Column::Disabled.eq(false))
}

fn standing(
    (token, owner): (api_token::Model, user_account::Model),
) -> Result<TokenStanding, StoreError> {
    Ok(TokenStanding { token: known(token)?, user: users::known(owner)? })
}

fn owned_by(of: OwnedBy) -> Condition {
    Condition::all().add_option(of.map(|owner| api_token::Column::OwnerId.eq(owner)))
}

fn known(row: api_token::Model) -> Result<ApiToken, StoreError> {
    Ok(ApiToken {
        id: row.id,
        owner: row.owner_id,
        name: row.name,
        prefix: row.prefix,
        scope: row.scope.parse().map_err(|error| malformed("api_token.scope", &error))?,
        created_at: row.created_at.0,
        expires_at: row.expires_at.map(|at| at.0),
        last_used_at: row.last_used_at.map(|at| at.0),
    })
}
