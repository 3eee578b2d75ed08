//! The entry that a mutation leaves in the audit log.

use std::sync::{Mutex, PoisonError};

use async_graphql::Context;

use super::auth;
use crate::api::asker::asker;
use crate::api::errors::{ApiError, Fallible};
use crate::auth::Caller;

/// Most characters of what a client says that stand in the audit log.
const MAX_TARGET: usize = 256;

/// The entry that a mutation will leave. What it says of whom is filled in while more is known.
pub struct Note<'a> {
    ctx: &'a Context<'a>,
    target: Mutex<Option<String>>,
    /// Who it is by now: a sign-in begins as nobody.
    became: Mutex<Option<Caller>>,
}

impl<'a> Note<'a> {
    /// The note of the mutation that is being answered.
    pub fn new(ctx: &'a Context<'a>) -> Note<'a> {
        Note { ctx, target: Mutex::default(), became: Mutex::default() }
    }

    /// To whom or what it is done: by name, or by what the client gave for one.
    pub fn about(&self, target: impl AsRef<str>) {
        let plain = |c: char| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c };
        let text = target.as_ref().chars().take(MAX_TARGET).map(plain).collect();
        *self.target.lock().unwrap_or_else(PoisonError::into_inner) = Some(text);
    }

    /// Who did it, where that was known only afterwards.
    pub fn by(&self, caller: Caller) {
        *self.became.lock().unwrap_or_else(PoisonError::into_inner) = Some(caller);
    }

    /// Does it, and writes down what came of it.
    pub async fn of<T>(self, act: impl AsyncFnOnce(&Self) -> Result<T, ApiError>) -> Fallible<T> {
        let outcome = act(&self).await;
        let Note { ctx, target, became } = self;
        let target = target.into_inner().unwrap_or_else(PoisonError::into_inner);
        let became = became.into_inner().unwrap_or_else(PoisonError::into_inner);
        let asked = asker(ctx).ok().map(|asker| &asker.caller);
        if let Some(caller) = became.as_ref().or(asked) {
            let action = ctx.field().name();
            let code = outcome.as_ref().map_or_else(|error| error.code.as_str(), |_| "OK");
            auth(ctx).note(caller, action, target.as_deref(), code).await;
        }
        Some(outcome)
    }
}
