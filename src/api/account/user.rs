//! Users, and the connection over them.

use async_graphql::ID;
use async_graphql::connection::PageInfo;
use async_graphql::{Context, SimpleObject};

use crate::api::connection::size;
use crate::api::cursor::{self, List};
use crate::api::enums::Role;
use crate::api::errors::ApiError;
use crate::api::limits::{DEFAULT_PAGE, MAX_PAGE};
use crate::api::reader::database;
use crate::api::scalars::{DateTime, Json};
use crate::auth::{Admin, Auth};
use crate::user::{User as Account, Username};

/// Somebody who may sign in.
#[derive(SimpleObject)]
pub struct User {
    /// The id, which stays.
    id: ID,
    /// What the user signs in with.
    username: String,
    /// How the user wants to be called.
    display_name: String,
    /// An address to write to.
    email: Option<String>,
    /// What the user may do.
    role: Role,
    /// Whether the user is let in no more.
    disabled: bool,
    /// The records that the user sees, as the fields of a `LogFilter`; null: all of them.
    scope: Option<Json>,
    /// When the user was made.
    created_at: DateTime,
    /// When the user last signed in.
    last_sign_in: Option<DateTime>,
}

impl From<Account> for User {
    fn from(user: Account) -> Self {
        User {
            id: user.id.into(),
            username: user.username.to_string(),
            display_name: user.display_name,
            email: user.email,
            role: user.role.into(),
            disabled: user.disabled,
            scope: user.scope.map(Json),
            created_at: DateTime(user.created_at),
            last_sign_in: user.last_sign_in.map(DateTime),
        }
    }
}

/// A page of users, by name.
#[derive(SimpleObject)]
pub struct UserConnection {
    /// The users of the page with their cursors.
    edges: Vec<UserEdge>,
    /// Where the page stands in the whole.
    page_info: PageInfo,
}

/// A user on a page.
#[derive(SimpleObject)]
pub struct UserEdge {
    /// The place of the user, for `after`.
    cursor: String,
    /// The user.
    node: User,
}

/// Reads a page of users.
pub async fn users(
    ctx: &Context<'_>,
    admin: &Admin,
    first: Option<i32>,
    after: Option<String>,
) -> Result<UserConnection, ApiError> {
    let limit = first.map_or(Ok(DEFAULT_PAGE), |first| size("first", first, MAX_PAGE))?;
    let database = database(ctx);
    let after: Option<Username> =
        after.map(|text| cursor::read(database, List::Users, "after", &text)).transpose()?;
    let auth = ctx.data_unchecked::<Auth>();
    let mut users = auth.users(admin, after.as_ref(), limit + 1).await?;
    let more = users.len() > limit;
    users.truncate(limit);
    let edges: Vec<UserEdge> = users
        .into_iter()
        .map(|user| UserEdge {
            cursor: cursor::write(database, List::Users, &user.username),
            node: user.into(),
        })
        .collect();
    Ok(UserConnection {
        page_info: PageInfo {
            has_previous_page: after.is_some(),
            has_next_page: more,
            start_cursor: edges.first().map(|edge| edge.cursor.clone()),
            end_cursor: edges.last().map(|edge| edge.cursor.clone()),
        },
        edges,
    })
}
