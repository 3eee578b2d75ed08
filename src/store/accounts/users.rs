//! Users.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use secrecy::ExposeSecret;
use uuid::Uuid;

use super::sessions::{end, of_user_but};
use super::{AccountError, IDS_A_STATEMENT, PasswordHash, insert, malformed};
use crate::log::{Timestamp, now};
use crate::store::collation::bytewise;
use crate::store::entity::{
    Instant, api_token, export, saved_search, session, set_up, user_account,
};
use crate::store::{Store, StoreError};
use crate::user::{Role, User, Username};

/// A user to be.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub username: Username,
    pub display_name: String,
    pub email: Option<String>,
    pub role: Role,
    pub scope: Option<String>,
    pub password: PasswordHash,
}

/// What to change of a user; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct UserChange {
    pub display_name: Option<String>,
    /// `Some(None)` takes it away.
    pub email: Option<Option<String>>,
    pub role: Option<Role>,
    pub disabled: Option<bool>,
    /// `Some(None)` lets the user see everything.
    pub scope: Option<Option<String>>,
}

/// What a password is checked against.
#[derive(Clone, Debug)]
pub struct Credentials {
    pub user: User,
    pub password: PasswordHash,
}

impl Store {
    /// Adds a user.
    ///
    /// # Errors
    /// [`AccountError::NameTaken`].
    pub async fn add_user(&self, new: NewUser) -> Result<User, AccountError> {
        let transaction = self.administrate().await?;
        let user = add(&transaction, new).await?;
        transaction.commit().await?;
        Ok(user)
    }

    /// Adds the first user, whoever else tries at the same time. `None`: there are users.
    pub async fn add_first_user(&self, new: NewUser) -> Result<Option<User>, StoreError> {
        let transaction = self.administrate().await?;
        if any_user(&transaction).await? {
            return Ok(None);
        }
        let user = add(&transaction, new).await?;
        transaction.commit().await?;
        Ok(Some(user))
    }

    /// Whether there is any user.
    pub async fn has_users(&self) -> Result<bool, StoreError> {
        self.reading(async { Ok(any_user(self.lookup_connection()).await?) }).await
    }

    /// The user with this id.
    pub async fn user(&self, id: Uuid) -> Result<Option<User>, StoreError> {
        self.reading(async {
            let row = user_account::Entity::find_by_id(id).one(self.lookup_connection()).await?;
            row.map(known).transpose()
        })
        .await
    }

    /// The user with this name.
    pub async fn user_named(&self, name: &Username) -> Result<Option<User>, StoreError> {
        self.reading(async { self.row_named(name).await?.map(known).transpose() }).await
    }

    /// These users, in no order; unknown ids are left out.
    pub async fn users_by_id(&self, ids: &[Uuid]) -> Result<Vec<User>, StoreError> {
        self.reading(async {
            let mut users = Vec::new();
            for ids in ids.chunks(IDS_A_STATEMENT) {
                let rows = user_account::Entity::find()
                    .filter(user_account::Column::Id.is_in(ids.iter().copied()))
                    .all(self.lookup_connection())
                    .await?;
                for row in rows {
                    users.push(known(row)?);
                }
            }
            Ok(users)
        })
        .await
    }

    /// Users by name, past this one.
    pub async fn users(
        &self,
        after: Option<&Username>,
        limit: usize,
    ) -> Result<Vec<User>, StoreError> {
        self.reading(async {
            let name = bytewise(user_account::Column::Username, self.backend());
            let mut query = user_account::Entity::find();
            if let Some(after) = after {
                query = query.filter(name.clone().gt(after.as_str()));
            }
            let rows =
                query.order_by_asc(name).limit(limit as u64).all(self.lookup_connection()).await?;
            rows.into_iter().map(known).collect()
        })
        .await
    }

    /// What the password of this user is checked against.
    pub async fn credentials(&self, name: &Username) -> Result<Option<Credentials>, StoreError> {
        self.reading(async {
            let Some(row) = self.row_named(name).await? else { return Ok(None) };
            let password = row.password.clone().into();
            Ok(Some(Credentials { user: known(row)?, password }))
        })
        .await
    }

    /// Changes a user. A change of role, scope or `disabled` moves the version; disabling also
    /// ends every session. In one transaction, which keeps an active admin.
    ///
    /// # Errors
    /// [`AccountError::NotFound`], [`AccountError::LastAdmin`].
    pub async fn change_user(&self, id: Uuid, change: UserChange) -> Result<User, AccountError> {
        let transaction = self.administrate().await?;
        let before = find(&transaction, id).await?.ok_or(AccountError::NotFound)?;
        let UserChange { display_name, email, role, disabled, scope } = change;
        let mut after = before.clone();
        after.display_name = display_name.unwrap_or(after.display_name);
        after.email = email.unwrap_or(after.email);
        after.role = role.unwrap_or(after.role);
        after.disabled = disabled.unwrap_or(after.disabled);
        after.scope = scope.unwrap_or(after.scope);
        let of_authority = |user: &User| (user.role, user.disabled, user.scope.clone());
        if of_authority(&before) != of_authority(&after) {
            after.version += 1;
        }
        if is_active_admin(&before) && !is_active_admin(&after) {
            keep_an_admin_beside(&transaction, id).await?;
        }
        user_account::Entity::update_many()
            .col_expr(user_account::Column::DisplayName, Expr::val(after.display_name.clone()))
            .col_expr(user_account::Column::Email, Expr::val(after.email.clone()))
            .col_expr(user_account::Column::Role, Expr::val(after.role.name()))
            .col_expr(user_account::Column::Disabled, Expr::val(after.disabled))
            .col_expr(user_account::Column::Scope, Expr::val(after.scope.clone()))
            .col_expr(user_account::Column::Version, Expr::val(after.version))
            .filter(user_account::Column::Id.eq(id))
            .exec(&transaction)
            .await?;
        if after.disabled {
            end(&transaction, of_user_but(id, None)).await?;
        }
        transaction.commit().await?;
        Ok(after)
    }

    /// Sets a new password, moves the version and ends every session.
    ///
    /// # Errors
    /// [`AccountError::NotFound`].
    pub async fn set_password(&self, id: Uuid, password: PasswordHash) -> Result<(), AccountError> {
        let existing = Condition::all().add(user_account::Column::Id.eq(id));
        self.replace_password(existing, id, password, None).await
    }

    /// Sets a new password in the place of the one that was checked at this version, moves the
    /// version and ends every session but the one it was done from.
    ///
    /// # Errors
    /// [`AccountError::NotFound`] when the user has changed since, or the session has ended: then
    /// whoever asks may have been asked to leave.
    pub async fn change_password(
        &self,
        id: Uuid,
        version: i32,
        password: PasswordHash,
        session: Uuid,
    ) -> Result<(), AccountError> {
        let unchanged = Condition::all()
            .add(user_account::Column::Id.eq(id))
            .add(user_account::Column::Version.eq(version));
        self.replace_password(unchanged, id, password, Some(session)).await
    }

    async fn replace_password(
        &self,
        condition: Condition,
        id: Uuid,
        password: PasswordHash,
        keep: Option<Uuid>,
    ) -> Result<(), AccountError> {
        let transaction = self.administrate().await?;
        if let Some(session) = keep
            && session::Entity::find_by_id(session).one(&transaction).await?.is_none()
        {
            return Err(AccountError::NotFound);
        }
        let changed = user_account::Entity::update_many()
            .col_expr(user_account::Column::Password, Expr::val(password.expose_secret()))
            .col_expr(
                user_account::Column::Version,
                Expr::col(user_account::Column::Version).add(1),
            )
            .filter(condition)
            .exec(&transaction)
            .await?;
        if changed.rows_affected == 0 {
            return Err(AccountError::NotFound);
        }
        end(&transaction, of_user_but(id, keep)).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Puts a newer hash of the same password in the place of `old`, if that is still there.
    pub async fn rehash(
        &self,
        id: Uuid,
        old: &PasswordHash,
        new: PasswordHash,
    ) -> Result<(), StoreError> {
        user_account::Entity::update_many()
            .col_expr(user_account::Column::Password, Expr::val(new.expose_secret()))
            .filter(user_account::Column::Id.eq(id))
            .filter(user_account::Column::Password.eq(old.expose_secret()))
            .exec(&self.write_access().connection())
            .await?;
        Ok(())
    }

    /// Notes a sign-in.
    pub async fn signed_in(&self, id: Uuid, at: Timestamp) -> Result<(), StoreError> {
        let at = Instant::on(self.backend(), at);
        user_account::Entity::update_many()
            .col_expr(user_account::Column::LastSignIn, Expr::val(at))
            .filter(user_account::Column::Id.eq(id))
            .exec(&self.write_access().connection())
            .await?;
        Ok(())
    }

    /// Removes a user with all that is theirs: sessions, tokens, saved searches. The audit log
    /// keeps the name.
    ///
    /// # Errors
    /// [`AccountError::NotFound`], [`AccountError::LastAdmin`].
    pub async fn remove_user(&self, id: Uuid) -> Result<User, AccountError> {
        let transaction = self.administrate().await?;
        // Held, so that nobody gives them a session meanwhile.
        let row = user_account::Entity::find_by_id(id).lock_exclusive().one(&transaction).await?;
        let user = known(row.ok_or(AccountError::NotFound)?)?;
        if is_active_admin(&user) {
            keep_an_admin_beside(&transaction, id).await?;
        }
        end(&transaction, of_user_but(id, None)).await?;
        api_token::Entity::delete_many()
            .filter(api_token::Column::OwnerId.eq(id))
            .exec(&transaction)
            .await?;
        saved_search::Entity::delete_many()
            .filter(saved_search::Column::OwnerId.eq(id))
            .exec(&transaction)
            .await?;
        export::Entity::delete_many()
            .filter(export::Column::OwnerId.eq(id))
            .exec(&transaction)
            .await?;
        user_account::Entity::delete_by_id(id).exec(&transaction).await?;
        transaction.commit().await?;
        Ok(user)
    }

    async fn row_named(&self, name: &Username) -> Result<Option<user_account::Model>, DbErr> {
        user_account::Entity::find()
            .filter(user_account::Column::Username.eq(name.as_str()))
            .one(self.lookup_connection())
            .await
    }
}

/// Adds a user. Whoever made the first one, the set-up token is worth nothing from then on.
pub(super) async fn add(connection: &DatabaseTransaction, new: NewUser) -> Result<User, DbErr> {
    let user = User {
        id: Uuid::new_v4(),
        username: new.username,
        display_name: new.display_name,
        email: new.email,
        role: new.role,
        disabled: false,
        scope: new.scope,
        created_at: now(),
        last_sign_in: None,
        version: 1,
    };
    let created_at = Instant::on(connection.get_database_backend(), user.created_at);
    let row = [
        (user_account::Column::Id, user.id.into()),
        (user_account::Column::Username, user.username.as_str().into()),
        (user_account::Column::DisplayName, user.display_name.clone().into()),
        (user_account::Column::Email, user.email.clone().into()),
        (user_account::Column::Password, new.password.expose_secret().into()),
        (user_account::Column::Role, user.role.name().into()),
        (user_account::Column::Disabled, user.disabled.into()),
        (user_account::Column::Scope, user.scope.clone().into()),
        (user_account::Column::CreatedAt, created_at),
        (user_account::Column::Version, user.version.into()),
    ];
    insert::<user_account::Entity>(connection, row).await?;
    set_up::Entity::delete_many().exec(connection).await?;
    Ok(user)
}

pub(super) async fn any_user(connection: &impl ConnectionTrait) -> Result<bool, DbErr> {
    Ok(user_account::Entity::find().one(connection).await?.is_some())
}

async fn find(connection: &impl ConnectionTrait, id: Uuid) -> Result<Option<User>, StoreError> {
    user_account::Entity::find_by_id(id).one(connection).await?.map(known).transpose()
}

fn is_active_admin(user: &User) -> bool {
    user.role == Role::Admin && !user.disabled
}

/// Refuses unless there is an active admin beside this one.
async fn keep_an_admin_beside(
    transaction: &DatabaseTransaction,
    id: Uuid,
) -> Result<(), AccountError> {
    let others = user_account::Entity::find()
        .filter(user_account::Column::Id.ne(id))
        .filter(user_account::Column::Role.eq(Role::Admin.name()))
        .filter(user_account::Column::Disabled.eq(false))
        .count(transaction)
        .await?;
    if others == 0 { Err(AccountError::LastAdmin) } else { Ok(()) }
}

pub(super) fn known(row: user_account::Model) -> Result<User, StoreError> {
    let username = row.username.parse();
    Ok(User {
        id: row.id,
        username: username.map_err(|error| malformed("user_account.username", &error))?,
        display_name: row.display_name,
        email: row.email,
        role: row.role.parse().map_err(|error| malformed("user_account.role", &error))?,
        disabled: row.disabled,
        scope: row.scope,
        created_at: row.created_at.0,
        last_sign_in: row.last_sign_in.map(|at| at.0),
        version: row.version,
    })
}
