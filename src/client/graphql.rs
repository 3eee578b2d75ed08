//! What `tail` and `search` share of the GraphQL API: what is asked for, what is answered.

use std::fmt::Write;

use clap::Args;
use serde::{Deserialize, Serialize};

use super::ClientError;
use super::render::make_harmless;
use super::time::Zone;
use crate::log::{self, Severity, Timestamp};

/// The longest answer or message in bytes that is taken from a server.
pub const LONGEST_ANSWER: usize = 128 << 20;

/// The fields of [`Log`].
pub const LOG_FIELDS: &str = "id timestamp receivedAt severity facility host app procId msgId \
                              message attributes";

/// Which records.
#[derive(Args, Clone, Debug, Default)]
pub struct FilterArgs {
    /// What to look for, in the search language: words, "phrases", -not, OR, app:shop,
    /// severity>=warning, attributes.user_id:42, /regex/. Several words need no quotes; what
    /// begins with - comes after --
    #[arg(value_name = "QUERY", num_args = 0.., help_heading = None::<&'static str>)]
    pub query: Vec<String>,

    /// From this time on: 15m or -1h (ago), today, 2026-01-02, 2026-01-02T03:04:05Z
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub from: Option<String>,

    /// Before this time
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub to: Option<String>,

    /// This severe or worse, from emergency to debug
    #[arg(long, value_name = "SEVERITY")]
    pub min_severity: Option<Severity>,

    /// From this host (may be given more than once)
    #[arg(long)]
    pub host: Vec<String>,

    /// From this app (may be given more than once)
    #[arg(long)]
    pub app: Vec<String>,
}

/// `LogFilter` of the API.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LogFilter {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_severity: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub apps: Vec<String>,
}

impl FilterArgs {
    /// The filter, with times read in the zone.
    ///
    /// # Errors
    /// [`ClientError::Usage`] for a time that is none.
    pub fn to_filter(&self, zone: Zone) -> Result<LogFilter, ClientError> {
        let now = log::now();
        let instant = |text: &Option<String>| {
            text.as_deref()
                .map(|text| zone.parse(text, now))
                .transpose()
                .map_err(ClientError::Usage)
        };
        Ok(LogFilter {
            query: (!self.query.is_empty()).then(|| self.query.join(" ")),
            from: instant(&self.from)?,
            to: instant(&self.to)?,
            min_severity: self.min_severity.map(|severity| severity.name().to_ascii_uppercase()),
            hosts: self.host.clone(),
            apps: self.app.clone(),
        })
    }
}

/// A record, as the API gives it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Log {
    pub id: String,
    pub timestamp: Timestamp,
    pub received_at: Timestamp,
    pub severity: Option<String>,
    pub facility: Option<String>,
    pub host: Option<String>,
    pub app: Option<String>,
    pub proc_id: Option<String>,
    pub msg_id: Option<String>,
    pub message: String,
    pub attributes: serde_json::Value,
}

/// The answer to an operation.
#[derive(Debug, Deserialize)]
pub struct Response<T> {
    #[serde(default = "Option::default")]
    pub data: Option<T>,
    #[serde(default)]
    pub errors: Vec<GraphqlError>,
}

/// An error the server answers.
#[derive(Clone, Debug, Deserialize)]
pub struct GraphqlError {
    pub message: String,
    #[serde(default)]
    extensions: Option<Extensions>,
}

#[derive(Clone, Debug, Default, Deserialize)]
struct Extensions {
    /// The kind of error.
    #[serde(default)]
    code: Option<serde_json::Value>,
    /// Where in the query the search language stumbled, in characters from 1.
    #[serde(default)]
    column: Option<serde_json::Value>,
}

impl GraphqlError {
    fn code(&self) -> Option<&str> {
        self.extensions.as_ref()?.code.as_ref()?.as_str()
    }

    /// Whether the server does not know, or no longer, who asks.
    pub fn is_unauthenticated(&self) -> bool {
        self.code() == Some("UNAUTHENTICATED")
    }

    /// Whether it says that some records are damaged, beside those that are not.
    pub fn is_damage(&self) -> bool {
        self.code() == Some("DAMAGED")
    }

    /// Whether the same request may succeed later.
    pub fn is_passing(&self) -> bool {
        matches!(self.code(), Some("UNAVAILABLE" | "TIMEOUT" | "INTERNAL"))
    }

    /// The column of `LogFilter.query`, from 1, that the error speaks of.
    fn column(&self) -> Option<usize> {
        let column = self.extensions.as_ref()?.column.as_ref()?.as_u64()?;
        usize::try_from(column).ok().filter(|column| *column > 0)
    }
}

/// The errors as one error. A place in the query that one of them speaks of is pointed at.
pub fn to_client_error(errors: &[GraphqlError], query: Option<&str>) -> ClientError {
    let mut text = String::new();
    let mut wrong_input = false;
    for error in errors {
        if !text.is_empty() {
            text.push('\n');
        }
        make_harmless(&error.message, &mut text);
        wrong_input |= error.code() == Some("BAD_USER_INPUT");
        if let (Some(column), Some(query)) = (error.column(), query) {
            let before = query.chars().take(column - 1);
            // Only what the caret stands under counts; a tab stays one to keep the two in line.
            let indent: String = before.map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
            text.push_str("\n  ");
            make_harmless(query, &mut text);
            let _ = write!(text, "\n  {indent}^");
        }
    }
    if wrong_input { ClientError::Usage(text) } else { ClientError::Failed(text) }
}

/// Makes the process's TLS ready; does nothing the second time.
pub fn prepare_tls() {
    // An error means that a provider is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filter_says_only_what_was_asked() {
        let args = FilterArgs::default();
        let filter = args.to_filter(Zone::Utc).unwrap();
        assert_eq!(serde_json::to_string(&filter).unwrap(), "{}");
        let args = FilterArgs {
            query: vec!["card".into(), "-test".into()],
            from: Some("2026-01-02".into()),
            min_severity: Some(Severity::Warning),
            host: vec!["a".into(), "b".into()],
            ..FilterArgs::default()
        };
        assert_eq!(
            serde_json::to_value(args.to_filter(Zone::Utc).unwrap()).unwrap(),
            serde_json::json!({
                "query": "card -test", "from": "2026-01-02T00:00:00Z",
                "minSeverity": "WARNING", "hosts": ["a", "b"],
            })
        );
        let wrong = FilterArgs { to: Some("soon".into()), ..FilterArgs::default() };
        assert!(matches!(wrong.to_filter(Zone::Utc), Err(ClientError::Usage(_))));
    }

    fn error(json: serde_json::Value) -> GraphqlError {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn an_error_in_the_query_is_pointed_at() {
        let errors = [error(serde_json::json!({
            "message": "a `)` is missing", "extensions": {"code": "BAD_USER_INPUT", "column": 6}
        }))];
        let error = to_client_error(&errors, Some("über (a"));
        assert!(matches!(error, ClientError::Usage(_)));
        assert_eq!(error.to_string(), "a `)` is missing\n  über (a\n       ^");
    }

    #[test]
    fn only_errors_of_the_server_itself_pass() {
        let of = |code| error(serde_json::json!({"message": "", "extensions": {"code": code}}));
        assert!(of("UNAVAILABLE").is_passing() && of("TIMEOUT").is_passing());
        assert!(!of("BAD_USER_INPUT").is_passing());
        assert!(!error(serde_json::json!({"message": ""})).is_passing());
    }

    #[test]
    fn other_errors_are_shown_as_they_are_but_harmless() {
        let errors = [
            error(serde_json::json!({"message": "no\u{1b}[2J", "extensions": {"code": "X"}})),
            error(serde_json::json!({"message": "neither"})),
        ];
        let error = to_client_error(&errors, Some("a"));
        assert!(matches!(error, ClientError::Failed(_)));
        assert_eq!(error.to_string(), "no\\u{1b}[2J\nneither");
    }
}
