//! The entry that a mutation leaves in the audit log.

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_graphql::Context;

use super::auth;
use crate::api::asker::asker;
use crate::api::errors::{ApiError, Fallible};
use crate::auth::Caller;

/// The entry that a mutation will leave. What it says is filled in while more is known.
pub struct Note<'a> {
    ctx: &'a Context<'a>,
    said: Mutex<Said>,
}

#[derive(Default)]
struct Said {
    target: Option<String>,
    /// The target is who they say they are.
    claimed: bool,
    became: Option<Caller>,
}

impl<'a> Note<'a> {
    /// The note of the mutation that is being answered.
    pub fn new(ctx: &'a Context<'a>) -> Note<'a> {
        Note { ctx, said: Mutex::default() }
    }

    /// To whom or what it is done: by name, or by what the client gave for one.
    pub fn about(&self, target: impl AsRef<str>) {
        self.said().target = Some(target.as_ref().to_owned());
    }

    /// Who they say they are: nobody is signed in yet.
    pub fn claims(&self, username: &str) {
        self.about(username);
        self.said().claimed = true;
    }

    /// Who they proved to be.
    pub fn became(&self, caller: Caller) {
        self.said().became = Some(caller);
    }

    /// Does it, and writes down what came of it.
    pub async fn of<T>(self, act: impl AsyncFnOnce(&Self) -> Result<T, ApiError>) -> Fallible<T> {
        let outcome = act(&self).await;
        let Note { ctx, said } = self;
        let Said { target, claimed, became } =
            said.into_inner().unwrap_or_else(PoisonError::into_inner);
        let asked = asker(ctx).ok().map(|asker| &asker.caller);
        if let Some(caller) = became.as_ref().or(asked) {
            let action = ctx.field().name();
            let code = outcome.as_ref().map_or_else(|error| error.code.as_str(), |_| "OK");
            // The audit log takes what somebody unknown names for who it is.
            let target = target.filter(|_| claimed || caller.user().is_some());
            auth(ctx).note(caller, action, target.as_deref(), code).await;
        }
        Some(outcome)
    }

    fn said(&self) -> MutexGuard<'_, Said> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
