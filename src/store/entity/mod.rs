//! The tables, as SeaORM sees them. The schema itself is made by the `migration` crate.

pub mod dead_letter;
pub mod head;
mod instant;
pub mod log;
pub mod producer;
pub mod source;

pub use instant::Instant;
