//! The root of all changes, by what they are about. Every one of them, `refresh` aside, leaves a
//! [`note::Note`] in the audit log, whatever comes of it.

mod account;
mod cookie;
mod exports;
mod keys;
mod note;
mod searches;
mod sign_in;
mod tokens;
mod users;

use async_graphql::{Context, MergedObject};
use secrecy::SecretString;

use super::errors::ApiError;
use crate::auth::Auth;

/// Most characters of a name that people give to something.
const MAX_NAME: usize = 100;

/// The root of all changes. Every field can fail; then it is null beside an error whose
/// `extensions.code` says what kind it is. What was begun is finished, even when the client is
/// gone, and stands in the audit log.
#[derive(Default, MergedObject)]
pub struct Mutation(
    sign_in::SignIn,
    account::OwnAccount,
    users::Users,
    tokens::Tokens,
    searches::Searches,
    exports::Exports,
    keys::Keys,
);

fn auth<'a>(ctx: &Context<'a>) -> &'a Auth {
    ctx.data_unchecked()
}

fn secret(text: String) -> SecretString {
    SecretString::from(text)
}

/// Refuses a name that nobody could read or the database could not hold.
fn check_name(argument: &'static str, name: &str) -> Result<(), ApiError> {
    let length = name.chars().count();
    if name.trim().is_empty() || length > MAX_NAME || name.chars().any(char::is_control) {
        let message = format!("`{argument}` has 1 to {MAX_NAME} characters, none of control");
        return Err(ApiError::bad_input(argument, message));
    }
    Ok(())
}

/// Refuses what is no e-mail address. Whether mail arrives nobody knows before it is sent.
fn check_email(argument: &'static str, email: &str) -> Result<(), ApiError> {
    let parts = email.split_once('@');
    let whole = parts.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
    let odd = |c: char| c.is_control() || c.is_whitespace();
    if !whole || email.len() > 254 || email.chars().any(odd) {
        return Err(ApiError::bad_input(argument, "not an e-mail address"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_of_this_world() {
        assert!(check_name("name", "Errors of web1 – 50 %_'").is_ok());
        for wrong in ["", "  ", "a\0b", "a\nb", &"x".repeat(101)] {
            assert!(check_name("name", wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn an_address_has_a_name_and_a_host() {
        assert!(check_email("email", "ada@example.org").is_ok());
        for wrong in ["", "ada", "@", "ada@", "a b@c", "a@b\0", &"x@".repeat(200)] {
            assert!(check_email("email", wrong).is_err(), "{wrong:?}");
        }
    }
}
