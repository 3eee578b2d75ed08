//! The cookie that a browser keeps its refresh token in. No script can read it, no other site can
//! have it sent, and it goes nowhere but to `/graphql`.

use async_graphql::Context;
use secrecy::{ExposeSecret, SecretString};

use crate::api::asker::{Asker, Cookies};
use crate::log::{Timestamp, now};

/// The name of the cookie.
const NAME: &str = "tailwater_refresh";

/// Has the answer set the cookie. Whether it can.
pub fn set(ctx: &Context<'_>, asker: &Asker, token: &SecretString, expires: Timestamp) -> bool {
    let Some(cookies) = asker.cookies else { return false };
    let seconds = (expires - now()).num_seconds().max(0);
    ctx.append_http_header("set-cookie", written(cookies, token.expose_secret(), seconds));
    true
}

/// Has the answer take the cookie away, if there is one.
pub fn clear(ctx: &Context<'_>, asker: &Asker) {
    if let (Some(cookies), Some(_)) = (asker.cookies, &asker.refresh_cookie) {
        ctx.append_http_header("set-cookie", written(cookies, "", 0));
    }
}

fn written(cookies: Cookies, token: &str, seconds: i64) -> String {
    let secure = if cookies.secure { "; Secure" } else { "" };
    format!("{NAME}={token}; HttpOnly; SameSite=Strict; Path=/graphql; Max-Age={seconds}{secure}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_for_us_alone() {
        let cookie = written(Cookies { secure: true }, "abc", 60);
        let expected = "tailwater_refresh=abc; HttpOnly; SameSite=Strict; Path=/graphql; \
                        Max-Age=60; Secure";
        assert_eq!(cookie, expected);
        let gone = written(Cookies { secure: false }, "", 0);
        assert!(gone.starts_with("tailwater_refresh=; ") && gone.ends_with("; Max-Age=0"));
    }
}
