//! The same log from a terminal: `send` puts lines in, `tail`, `search` and `export` read them back,
//! `stats` says how much there is, `health` whether the server has what it needs.
//!
//! Each command is a set of arguments and a `run`; `main` only mounts them. Results go to stdout,
//! everything else (progress, notices, summaries) to stderr.

mod backoff;
mod batch;
pub mod export;
mod format;
mod graphql;
pub mod health;
mod lines;
pub mod login;
mod logins;
mod made_up;
mod notices;
mod numbers;
pub mod password;
mod post;
mod rate;
mod render;
pub mod search;
pub mod send;
mod server;
mod sign_in;
pub mod stats;
pub mod tail;
mod target;
mod tcp;
mod time;
mod tls;
mod transport;
mod udp;
mod websocket;
mod wire;

use std::io;
use std::process::ExitCode;

pub use render::make_harmless;

/// How a command ended that could do its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Everything asked for was done: exit code 0.
    Done,
    /// Something was left undone, or nothing was found: exit code 1.
    Incomplete,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Done => ExitCode::SUCCESS,
            Outcome::Incomplete => ExitCode::FAILURE,
        }
    }
}

/// Why a command could not do its work. The text is for the user, and holds no credentials.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// What was asked cannot be done: exit code 2.
    #[error("{0}")]
    Usage(String),
    /// It failed on the way: exit code 1.
    #[error("{0}")]
    Failed(String),
    /// Whoever reads our output has gone away; not a failure, and nothing to be said.
    #[error("the reader of the output has gone away")]
    OutputClosed,
}

impl ClientError {
    /// The exit code of the process.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            ClientError::Usage(_) => ExitCode::from(2),
            ClientError::Failed(_) => ExitCode::FAILURE,
            ClientError::OutputClosed => ExitCode::SUCCESS,
        }
    }

    /// An error of writing to stdout.
    fn output(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => ClientError::OutputClosed,
            _ => ClientError::Failed(format!("cannot write to stdout: {error}")),
        }
    }
}

/// A reader of our output that goes away ends a command quietly.
fn quiet_when_output_closed(result: Result<Outcome, ClientError>) -> Result<Outcome, ClientError> {
    match result {
        Err(ClientError::OutputClosed) => Ok(Outcome::Done),
        other => other,
    }
}
