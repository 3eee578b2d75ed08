//! The enumerations of the schema that stand for words of the domain.

use async_graphql::Enum;
use serde::{Deserialize, Serialize};

/// How severe a record is (RFC 5424), most severe first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[graphql(remote = "crate::log::Severity")]
pub enum Severity {
    Emergency,
    Alert,
    Critical,
    Error,
    Warning,
    Notice,
    Info,
    Debug,
}

/// What part of a system a record comes from (RFC 5424).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "crate::log::Facility")]
pub enum Facility {
    Kern,
    User,
    Mail,
    Daemon,
    Auth,
    Syslog,
    Lpr,
    News,
    Uucp,
    Cron,
    Authpriv,
    Ftp,
    Ntp,
    Audit,
    Alert,
    Clock,
    #[graphql(name = "LOCAL0")]
    Local0,
    #[graphql(name = "LOCAL1")]
    Local1,
    #[graphql(name = "LOCAL2")]
    Local2,
    #[graphql(name = "LOCAL3")]
    Local3,
    #[graphql(name = "LOCAL4")]
    Local4,
    #[graphql(name = "LOCAL5")]
    Local5,
    #[graphql(name = "LOCAL6")]
    Local6,
    #[graphql(name = "LOCAL7")]
    Local7,
}

/// What a user may do. Each role may what the ones after it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "crate::user::Role")]
pub enum Role {
    /// Also manages users and everybody's tokens, and sees the audit log.
    Admin,
    /// Also keeps saved searches and API tokens.
    Member,
    /// Reads and follows the log.
    Viewer,
}

/// What an API token is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "crate::user::TokenScope")]
pub enum TokenScope {
    /// What a viewer may, whatever its owner's role.
    Read,
    /// What its owner may.
    Admin,
}

/// The spelling of a name (`error`) in the schema (`ERROR`).
pub fn spelling(name: &str) -> String {
    name.to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use async_graphql::resolver_utils::enum_value;

    use super::*;

    fn written<T: async_graphql::resolver_utils::EnumType>(value: T) -> String {
        enum_value(value).to_string()
    }

    #[test]
    fn every_name_of_the_domain_is_spelled_in_capitals() {
        for severity in crate::log::Severity::ALL {
            assert_eq!(written(Severity::from(severity)), spelling(severity.name()));
        }
        for facility in crate::log::Facility::ALL {
            assert_eq!(written(Facility::from(facility)), spelling(facility.name()));
        }
    }
}
