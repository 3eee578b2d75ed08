//! The keys that access tokens are signed with, and the one-time token of the set-up link.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};
use secrecy::{ExposeSecret, SecretSlice};

use super::users::{add, any_user};
use super::{NewUser, TokenHash, insert};
use crate::log::Timestamp;
use crate::store::entity::{Instant, set_up, signing_key};
use crate::store::{Store, StoreError};
use crate::user::User;

/// A key that access tokens are signed with.
#[derive(Clone, Debug)]
pub struct SigningKey {
    /// Its name in the header of a token.
    pub kid: String,
    pub secret: SecretSlice<u8>,
    pub created_at: Timestamp,
    /// Since then it signs no more. What it signed before is good until it expires.
    pub retired_at: Option<Timestamp>,
}

impl Store {
    /// Every signing key, newest first.
    pub async fn signing_keys(&self) -> Result<Vec<SigningKey>, StoreError> {
        self.reading(async {
            let rows = signing_key::Entity::find()
                .order_by_desc(signing_key::Column::CreatedAt)
                .order_by_asc(signing_key::Column::Kid)
                .all(self.lookup_connection())
                .await?;
            Ok(rows.into_iter().map(known).collect())
        })
        .await
    }

    /// Adds a signing key unless there is one that has not been retired, whoever else tries at
    /// the same time.
    pub async fn add_first_signing_key(&self, key: SigningKey) -> Result<(), StoreError> {
        let transaction = self.administrate().await?;
        let signing = signing_key::Column::RetiredAt.is_null();
        if signing_key::Entity::find().filter(signing).one(&transaction).await?.is_none() {
            self.add_signing_key(&transaction, key).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Retires every signing key at `key.created_at` and adds this one, in one transaction;
    /// removes those that retired before `forget`.
    pub async fn rotate_signing_key(
        &self,
        key: SigningKey,
        forget: Timestamp,
    ) -> Result<(), StoreError> {
        let backend = self.backend();
        let transaction = self.administrate().await?;
        let retired = Expr::val(Instant::on(backend, key.created_at));
        signing_key::Entity::update_many()
            .col_expr(signing_key::Column::RetiredAt, retired)
            .filter(signing_key::Column::RetiredAt.is_null())
            .exec(&transaction)
            .await?;
        signing_key::Entity::delete_many()
            .filter(signing_key::Column::RetiredAt.lt(Instant::on(backend, forget)))
            .exec(&transaction)
            .await?;
        self.add_signing_key(&transaction, key).await?;
        Ok(transaction.commit().await?)
    }

    /// Lets the holder of this token make the first user, in the place of any token before.
    /// Nothing happens when there are users.
    pub async fn allow_set_up(&self, token: TokenHash) -> Result<(), StoreError> {
        let transaction = self.administrate().await?;
        if any_user(&transaction).await? {
            return Ok(());
        }
        set_up::Entity::delete_many().exec(&transaction).await?;
        let row = [
            (set_up::Column::Id, set_up::ONLY.into()),
            (set_up::Column::Hash, token.0.to_vec().into()),
        ];
        insert::<set_up::Entity>(&transaction, row).await?;
        Ok(transaction.commit().await?)
    }

    /// Makes the first user and forgets the token, in one transaction. `None`: the token is not
    /// the one that may, or there are users.
    pub async fn set_up(
        &self,
        token: TokenHash,
        first: NewUser,
    ) -> Result<Option<User>, StoreError> {
        let transaction = self.administrate().await?;
        let allowed = set_up::Entity::find_by_id(set_up::ONLY).one(&transaction).await?;
        let may = allowed.is_some_and(|allowed| allowed.hash == token.0);
        if !may || any_user(&transaction).await? {
            return Ok(None);
        }
        let user = add(&transaction, first).await?;
        transaction.commit().await?;
        Ok(Some(user))
    }

    async fn add_signing_key(
        &self,
        connection: &impl ConnectionTrait,
        key: SigningKey,
    ) -> Result<(), DbErr> {
        let backend = self.backend();
        let row = [
            (signing_key::Column::Kid, key.kid.into()),
            (signing_key::Column::Secret, key.secret.expose_secret().to_vec().into()),
            (signing_key::Column::CreatedAt, Instant::on(backend, key.created_at)),
            (signing_key::Column::RetiredAt, Instant::or_null_on(backend, key.retired_at)),
        ];
        insert::<signing_key::Entity>(connection, row).await
    }
}

fn known(row: signing_key::Model) -> SigningKey {
    SigningKey {
        kid: row.kid,
        secret: row.secret.into(),
        created_at: row.created_at.0,
        retired_at: row.retired_at.map(|at| at.0),
    }
}
