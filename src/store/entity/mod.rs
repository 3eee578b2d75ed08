//! The tables, as SeaORM sees them. The schema itself is made by the `migration` crate.

pub mod api_token;
pub mod audit;
pub mod block;
pub mod block_part;
pub mod dead_letter;
pub mod export;
pub mod head;
mod instant;
pub mod log;
pub mod producer;
pub mod refresh_token;
pub mod saved_search;
pub mod session;
pub mod set_up;
pub mod signing_key;
pub mod source;
pub mod user_account;

pub use instant::Instant;
