//! What the texts of users and their belongings may be.

use super::AuthError;

/// Characters of a display name, and of the name of a token or a saved search, at most.
const LONGEST_NAME: usize = 100;
/// Bytes of an e-mail address, at most (RFC 5321, section 4.5.3.1.3, less the angle brackets).
const LONGEST_EMAIL: usize = 254;
/// Bytes of a filter that is kept, as JSON, at most.
const LONGEST_FILTER: usize = 16 * 1_024;

/// A name that people read: 1 to 100 characters, none of them a control character, and not only
/// spaces.
pub(super) fn name(argument: &'static str, name: &str) -> Result<(), AuthError> {
    let bad = |why: String| Err(AuthError::BadInput(argument, why));
    if name.trim().is_empty() || name.chars().nth(LONGEST_NAME).is_some() {
        return bad(format!("a name has 1 to {LONGEST_NAME} characters"));
    }
    if name.chars().any(char::is_control) {
        return bad("a name holds no control characters".to_owned());
    }
    Ok(())
}

/// An e-mail address, as far as can be said without writing to it.
pub(super) fn email(argument: &'static str, email: &str) -> Result<(), AuthError> {
    let parts = email
        .split_once('@')
        .filter(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'));
    let spaced = email.chars().any(|c| c.is_whitespace() || c.is_control());
    if parts.is_none() || spaced || email.len() > LONGEST_EMAIL {
        let why =
            format!("an e-mail address has one @, no spaces and {LONGEST_EMAIL} bytes at most");
        return Err(AuthError::BadInput(argument, why));
    }
    Ok(())
}

/// A filter that is kept with a user or a saved search. That it is one, the caller has checked.
pub(super) fn filter(argument: &'static str, filter: &str) -> Result<(), AuthError> {
    if filter.len() > LONGEST_FILTER {
        let why = format!("a filter that is kept has {LONGEST_FILTER} bytes of JSON at most");
        return Err(AuthError::BadInput(argument, why));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_can_be_shown() {
        for good in ["a", "Ada Lovelace", "%_\\'\"", &"🦀".repeat(100)] {
            assert!(name("name", good).is_ok(), "{good:?}");
        }
        for wrong in ["", "  ", "a\0", "a\nb", "\u{85}", &"🦀".repeat(101)] {
            assert!(name("name", wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn an_email_has_one_at_and_two_sides() {
        for good in ["a@b", "ada.l+x@example.org", "ä@ö.example"] {
            assert!(email("email", good).is_ok(), "{good:?}");
        }
        let long = format!("{}@b", "a".repeat(253));
        for wrong in ["", "@", "a@", "@b", "a@b@c", "a b@c", "a@b\r\nBcc: c", "a@\0", &long] {
            assert!(email("email", wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_filter_that_is_kept_is_bounded() {
        assert!(filter("scope", &"x".repeat(16 * 1_024)).is_ok());
        assert!(filter("scope", &"x".repeat(16 * 1_024 + 1)).is_err());
    }
}
