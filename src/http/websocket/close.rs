//! Why a socket is closed: the codes of RFC 6455 and of the protocol.

use axum::extract::ws::{CloseFrame, close_code};

use crate::auth::Ended;

/// The longest reason that a close frame holds, in bytes (RFC 6455, section 5.5).
const MAX_REASON: usize = 123;

/// How a conversation over a socket ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// The client has closed the socket, or is gone.
    Gone,
    /// We close it.
    Close { code: u16, reason: String },
}

impl Ending {
    fn close(code: u16, reason: impl Into<String>) -> Ending {
        Ending::Close { code, reason: reason.into() }
    }

    /// We stop.
    pub fn stopping() -> Ending {
        Ending::close(close_code::AWAY, "the server is stopping")
    }

    /// Nothing was heard for too long.
    pub fn silent() -> Ending {
        Ending::close(close_code::AWAY, "nothing was heard from you, not even an answer to pings")
    }

    /// Something that we need is away.
    pub fn try_again() -> Ending {
        Ending::close(close_code::AGAIN, "that cannot be answered at the moment; try again")
    }

    /// A message that is none of the protocol.
    pub fn invalid(why: impl std::fmt::Display) -> Ending {
        Ending::close(4400, format!("invalid message: {why}"))
    }

    /// An operation before the acknowledgement.
    pub fn unauthorized() -> Ending {
        Ending::close(4401, "unauthorized: begin with connection_init")
    }

    /// Who may not.
    pub fn forbidden(why: impl std::fmt::Display) -> Ending {
        Ending::close(4403, format!("forbidden: {why}"))
    }

    /// Who may no longer.
    pub fn ended(ended: Ended) -> Ending {
        Ending::forbidden(match ended {
            Ended::Expired => "the access token has expired; come back with a fresh one",
            Ended::Revoked => "the session was ended; sign in again",
        })
    }

    /// No first message in time.
    pub fn late() -> Ending {
        Ending::close(4408, "connection initialisation timeout")
    }

    /// Two operations of the same name.
    pub fn duplicate(id: &str) -> Ending {
        Ending::close(4409, format!("subscriber for {id} already exists"))
    }

    /// A second first message.
    pub fn repeated_init() -> Ending {
        Ending::close(4429, "too many initialisation requests")
    }

    /// The frame that says so; none when nobody is there to read it.
    pub fn frame(self) -> Option<CloseFrame> {
        let Ending::Close { code, reason } = self else { return None };
        Some(CloseFrame { code, reason: cut(&reason).into() })
    }
}

/// As much of a reason as a close frame holds, in whole characters.
fn cut(reason: &str) -> &str {
    &reason[..reason.floor_char_boundary(MAX_REASON)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_cut_between_characters() {
        assert_eq!(cut("short"), "short");
        assert_eq!(cut(&"x".repeat(200)).len(), 123);
        // Two bytes each, so that the 123rd is in the midst of one.
        assert_eq!(cut(&"ä".repeat(100)), "ä".repeat(61));
        assert_eq!(cut(&"🦀".repeat(100)), "🦀".repeat(30));
    }

    #[test]
    fn every_ending_of_ours_fits_into_its_frame() {
        let long = "ä".repeat(1_000);
        for ending in [Ending::duplicate(&long), Ending::invalid(&long), Ending::forbidden(&long)] {
            assert!(ending.frame().unwrap().reason.len() <= MAX_REASON);
        }
        assert!(Ending::Gone.frame().is_none());
    }
}
