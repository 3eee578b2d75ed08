//! Text compared alike on both databases, whatever the language of the server.

use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr, extension::postgres::PgExpr};
use sea_orm::{ColumnTrait, DbBackend};

use super::entity::log;
use super::pattern::ESCAPE;

/// The column's text in the order of its bytes. SQLite has no other.
pub(super) fn bytewise(column: impl ColumnTrait, backend: DbBackend) -> Expr {
    match backend {
        DbBackend::Postgres => Expr::cust_with_expr("$1 COLLATE \"C\"", Expr::col(column)),
        _ => Expr::col(column),
    }
}

/// `LIKE` without the case of ASCII letters, and of no others.
pub(super) fn looks_like(column: log::Column, pattern: String, backend: DbBackend) -> Expr {
    let text = bytewise(column, backend);
    match backend {
        // Escaped by the backslash, as always there.
        DbBackend::Postgres => text.ilike(pattern),
        _ => text.like(LikeExpr::new(pattern).escape(ESCAPE)),
    }
}
