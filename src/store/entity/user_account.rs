//! Somebody who may sign in.

use std::fmt;

use sea_orm::entity::prelude::*;

use super::Instant;

#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "user_account")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// In lower case; no two users share one.
    #[sea_orm(unique)]
    pub username: String,
    pub display_name: String,
    pub email: Option<String>,
    /// The hash, in PHC form.
    pub password: String,
    /// The name of a `Role`.
    pub role: String,
    pub disabled: bool,
    /// The JSON of a `LogFilter`.
    pub scope: Option<String>,
    pub created_at: Instant,
    pub last_sign_in: Option<Instant>,
    /// Counts the changes that make access tokens worthless.
    pub version: i32,
}

impl fmt::Debug for Model {
    /// Without what the password is checked against.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Model")
            .field("id", &self.id)
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
