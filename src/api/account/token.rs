//! API tokens.

use async_graphql::{Context, ID, Object, SimpleObject};
use secrecy::{ExposeSecret, SecretString};

use super::Person;
use crate::api::enums::TokenScope;
use crate::api::errors::Fallible;
use crate::api::scalars::DateTime;
use crate::user::ApiToken as Token;

/// A token for programs, which give it as `Authorization: Bearer tw_…`.
pub struct ApiToken {
    token: Token,
}

impl ApiToken {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.token.name
    }
}

impl From<Token> for ApiToken {
    fn from(token: Token) -> Self {
        ApiToken { token }
    }
}

/// A token for programs, which give it as `Authorization: Bearer tw_…`.
#[Object]
impl ApiToken {
    /// The id, which stays.
    async fn id(&self) -> ID {
        self.token.id.into()
    }

    /// What its owner calls it.
    #[graphql(name = "name")]
    async fn its_name(&self) -> &str {
        self.name()
    }

    /// How the token begins, to tell it by.
    async fn prefix(&self) -> &str {
        &self.token.prefix
    }

    /// What it is good for.
    async fn scope(&self) -> TokenScope {
        self.token.scope.into()
    }

    /// Whose it is.
    async fn owner(&self, ctx: &Context<'_>) -> Fallible<Person> {
        Person::find(ctx, self.token.owner).await
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        DateTime(self.token.created_at)
    }

    /// When it is good no more; null: never.
    async fn expires_at(&self) -> Option<DateTime> {
        self.token.expires_at.map(DateTime)
    }

    /// When it was last used; up to a minute behind.
    async fn last_used_at(&self) -> Option<DateTime> {
        self.token.last_used_at.map(DateTime)
    }
}

/// An API token just made.
#[derive(SimpleObject)]
pub struct NewToken {
    /// The token itself. It is shown this once and kept nowhere.
    token: String,
    /// What is kept of it.
    api_token: ApiToken,
}

impl NewToken {
    /// A token, and what is kept of it.
    pub fn new(token: Token, secret: &SecretString) -> Self {
        NewToken { token: secret.expose_secret().to_owned(), api_token: token.into() }
    }
}
