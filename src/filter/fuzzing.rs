//! What holds for every query. Asked by the properties of the language and by the fuzz targets.

use std::sync::Arc;

use super::{Filter, Matcher, parse};
use crate::log::{Attributes, Entry, Facility, Log, Severity, SourceKey, Timestamp};

/// A query that is understood says what it means, and one that is not is refused at a place in it.
pub fn query(text: &str) {
    match parse(text) {
        Ok(filter) => {
            assert_eq!(parse(&filter.to_string()).as_ref(), Ok(&filter), "{text}");
            assert_opposite(&filter);
        }
        Err(error) => assert!((1..=text.chars().count() + 1).contains(&error.column), "{text}"),
    }
}

/// A record passes either a filter or its opposite.
fn assert_opposite(filter: &Filter) {
    let log = log();
    let opposite = Filter::Not(Box::new(filter.clone()));
    assert_ne!(Matcher::new(filter).matches(&log), Matcher::new(&opposite).matches(&log));
}

fn log() -> Log {
    Log {
        id: 42,
        source_id: 1,
        source: Arc::new(SourceKey {
            host: Some("web-1".to_owned()),
            app: None,
            address: [192, 0, 2, 1].into(),
        }),
        entry: Entry {
            timestamp: Timestamp::UNIX_EPOCH,
            received_at: Timestamp::UNIX_EPOCH,
            severity: Some(Severity::Warning),
            facility: Some(Facility::Daemon),
            proc_id: Some("17".to_owned()),
            msg_id: None,
            message: "Ein Text mit İ, ſ und 😀".to_owned(),
            attributes: Attributes::from_json_text(r#"{"a":{"b":[1,"zwei",null]}}"#.to_owned()),
        },
    }
}
