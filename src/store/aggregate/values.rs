//! The values an attribute path leads to (see [`Field::Attribute`](crate::filter::Field)).

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// The different values at the path in a JSON object, as text. Nulls and objects are none.
pub(super) fn values_at(json: &str, path: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    // Text that is not an object has none.
    if let Ok(object) = serde_json::from_str(json) {
        enter(&object, path, &mut found);
    }
    found
}

/// Follows the path from an object: by a key that is the whole path, and by each key that the
/// path begins with, up to one of its dots.
fn enter(object: &Map<String, Value>, path: &str, found: &mut BTreeSet<String>) {
    if let Some(value) = object.get(path) {
        take(value, found);
    }
    for (dot, _) in path.match_indices('.') {
        if let Some(value) = object.get(&path[..dot]) {
            descend(value, &path[dot + 1..], found);
        }
    }
}

/// Follows the rest of the path from a value; an array stands for each of its elements.
fn descend(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => enter(object, path, found),
        Value::Array(elements) => elements.iter().for_each(|value| descend(value, path, found)),
        _ => {}
    }
}

fn take(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Null | Value::Object(_) => {}
        Value::String(text) => {
            found.insert(text.clone());
        }
        Value::Array(elements) => elements.iter().for_each(|value| take(value, found)),
        scalar => {
            found.insert(scalar.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(path: &str, json: &str) -> Vec<String> {
        values_at(json, path).into_iter().collect()
    }

    #[test]
    fn nested_keys_and_keys_with_dots_are_alike() {
        let json = r#"{"user":{"id":1,"a.b":"x"},"user.id":2,"user.a":{"b":"y"}}"#;
        assert_eq!(at("user.id", json), ["1", "2"]);
        assert_eq!(at("user.a.b", json), ["x", "y"]);
        assert!(at("id", json).is_empty());
    }

    #[test]
    fn an_array_stands_for_each_of_its_elements() {
        let json = r#"{"tags":["a",["b","a"],{"id":3}],"rows":[{"n":1.5},{"n":true},{"n":null}]}"#;
        assert_eq!(at("tags", json), ["a", "b"]);
        assert_eq!(at("tags.id", json), ["3"]);
        assert_eq!(at("rows.n", json), ["1.5", "true"]);
    }
}
