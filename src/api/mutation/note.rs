//! The entry that a mutation leaves in the audit log.

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_graphql::Context;

use super::auth;
use crate::api::asker::asker;
use crate::api::errors::{ApiError, Fallible};
use crate::auth::Caller;
use crate::user::Username;

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
        // A password typed into the wrong field is not for every admin to read.
        let named = username.parse::<Username>().is_ok();
        self.about(if named { username } else { "(not a username)" });
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
        // Nobody at all, who was refused, could fill the audit log.
        let somebody = |caller: &&Caller| claimed || caller.user().is_some();
        if let Some(caller) = became.as_ref().or(asked).filter(somebody) {
            let action = ctx.field().name();
            let code = outcome.as_ref().map_or_else(|error| error.code.as_str(), |_| "OK");
            auth(ctx).note(caller, action, target.as_deref(), code).await;
        }
        Some(outcome)
    }

    fn said(&self) -> MutexGuard<'_, Said> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
