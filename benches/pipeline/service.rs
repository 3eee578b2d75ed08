//! What is measured: a service that takes lines and stores them.

use std::net::SocketAddr;

use crate::load::Transport;
use crate::usage::Root;

/// A service that takes lines and stores them.
pub trait Service {
    /// Where it receives.
    fn address(&self, transport: Transport) -> SocketAddr;
    /// The processes it is made of, each with all its children.
    fn roots(&self) -> Vec<Root>;
    /// How far it is. Cheap enough to be asked ten times a second.
    fn progress(&mut self) -> Progress;
    /// How many lines it stored, exactly, once it has come to rest.
    fn stored(&mut self) -> u64;
}

/// How far a service is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Lines stored.
    pub stored: u64,
    /// Lines that are accounted for: stored, or refused or lost and counted as that.
    pub settled: u64,
}
