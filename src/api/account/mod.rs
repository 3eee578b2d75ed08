//! Users and what is theirs, as clients see them.

mod audit;
mod person;
mod search;
mod session;
mod token;
mod user;

pub use audit::{AuditConnection, audit};
pub use person::{Person, PersonLoader};
pub use search::SavedSearch;
pub use session::{Session, UserSession};
pub use token::{ApiToken, NewToken};
pub use user::{User, UserConnection, users};
