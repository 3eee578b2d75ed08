//! The tests at the boundaries a user sees: one binary, a file a capability, on real private
//! servers from `support`.

mod accounts_cli;
mod backup;
mod behaviour;
mod bounds;
mod chaos;
mod cli;
mod clock;
mod export;
mod export_cli;
mod faults;
mod formats;
mod full;
mod health;
mod history;
mod hostile;
mod house;
mod image;
mod limits;
mod queue;
// Shared with benches and unit tests, each of which draws what it needs.
#[allow(dead_code)]
#[path = "../support/random.rs"]
mod random;
mod reload;
mod roles;
mod scope;
mod service;
mod sessions;
mod settings;
mod sign_in;
mod start;
mod stats;
mod store;
mod support;
mod tail;
mod tls;
mod tokens;
mod upgrade;
mod upkeep;
