//! Reads an operation off a request: from a JSON body, from a query string, or from the payload of
//! a message. What has the wrong type is refused, never guessed at.

use std::time::Duration;

use async_graphql::{Request as Operation, Variables};
use axum::body::{BodyDataStream, HttpBody};
use axum::extract::{Query, Request};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use futures_util::StreamExt;
use serde_json::{Map, Value};
use tokio::time::timeout;

use super::negotiate::content_type;
use super::outcome::Refusal;

/// How a batch begins.
const ARRAY: u8 = b'[';
/// How long the rest of a body that is too long may still come.
const LINGER: Duration = Duration::from_secs(2);

/// Reads the operation in a query string.
pub(super) fn from_query(uri: &Uri) -> Result<Operation, Refusal> {
    let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri)
        .map_err(|_| Refusal::bad_request("the query string cannot be read"))?;
    let mut parameters = Map::new();
    for (name, text) in pairs {
        let value = match name.as_str() {
            _ if text.is_empty() => continue,
            "query" | "operationName" => Value::String(text),
            "variables" | "extensions" => serde_json::from_str(&text)
                .map_err(|_| Refusal::bad_request(format!("`{name}` is not JSON")))?,
            _ => continue,
        };
        if parameters.contains_key(&name) {
            return Err(Refusal::bad_request(format!("`{name}` is given twice")));
        }
        parameters.insert(name, value);
    }
    if parameters.is_empty() {
        return Err(Refusal::bad_request("no `query`; in a browser, open /graphiql"));
    }
    from_parameters(parameters).map_err(Refusal::bad_request)
}

/// Reads the operation in the body of a request, which has `limit` bytes at most and comes within
/// `patience`.
pub(super) async fn from_body(
    request: Request,
    limit: usize,
    patience: Duration,
) -> Result<Operation, Refusal> {
    check_media_type(request.headers())?;
    let body = timeout(patience, body(request, limit)).await.unwrap_or_else(|_| {
        let message = format!("the body did not come within {patience:?}");
        Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, message))
    })?;
    if body.trim_ascii_start().first() == Some(&ARRAY) {
        return Err(Refusal::bad_request("the body is a list: one operation a request"));
    }
    let parameters = serde_json::from_slice(&body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Refusal::bad_request(format!(
            "the body is not an object in JSON (line {line}, column {column})"
        ))
    })?;
    from_parameters(parameters).map_err(Refusal::bad_request)
}

fn check_media_type(headers: &HeaderMap) -> Result<(), Refusal> {
    // Only JSON: a page of another site cannot send that without asking first.
    let is_json = content_type(headers).is_some_and(|(name, charset)| {
        name.eq_ignore_ascii_case("application/json")
            && charset.is_none_or(|charset| charset.eq_ignore_ascii_case("utf-8"))
    });
    if is_json {
        return Ok(());
    }
    let message = "the body must be `Content-Type: application/json`, in UTF-8";
    Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message))
}

/// Reads a body, and refuses one that is too long: before it comes if it says so.
async fn body(request: Request, limit: usize) -> Result<Vec<u8>, Refusal> {
    let too_long = || {
        let message = format!("the body has more than {limit} bytes");
        Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, message)
    };
    let waits_for_leave = request.headers().contains_key(header::EXPECT);
    let announced = request.body().size_hint().lower();
    let mut chunks = request.into_body().into_data_stream();
    let mut body = Vec::new();
    if announced > limit as u64 {
        if !waits_for_leave {
            discard(chunks).await;
        }
        return Err(too_long());
    }
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Refusal::bad_request("the body could not be read"))?;
        if body.len() + chunk.len() > limit {
            discard(chunks).await;
            return Err(too_long());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Lets the rest of a body come, for a while: a client that is still sending when the connection is
/// closed loses the answer.
async fn discard(mut chunks: BodyDataStream) {
    let rest = async { while let Some(Ok(_)) = chunks.next().await {} };
    let _ = timeout(LINGER, rest).await;
}

/// Makes an operation of its parameters (GraphQL over HTTP, "Request Parameters").
///
/// # Errors
/// What is missing, or of the wrong type.
pub(super) fn from_parameters(mut parameters: Map<String, Value>) -> Result<Operation, String> {
    let mut take = |name: &str| parameters.remove(name).filter(|value| !value.is_null());
    let query = match take("query") {
        Some(Value::String(query)) => query,
        Some(_) => return Err("`query` must be a string".to_owned()),
        None => return Err("no `query`".to_owned()),
    };
    let mut operation = Operation::new(query);
    match take("operationName") {
        Some(Value::String(name)) if !name.is_empty() => operation = operation.operation_name(name),
        Some(Value::String(_)) | None => {}
        Some(_) => return Err("`operationName` must be a string".to_owned()),
    }
    match take("variables") {
        Some(variables @ Value::Object(_)) => {
            operation = operation.variables(Variables::from_json(variables));
        }
        Some(_) => return Err("`variables` must be an object".to_owned()),
        None => {}
    }
    // There are none that mean something to us.
    match take("extensions") {
        Some(Value::Object(_)) | None => Ok(operation),
        Some(_) => Err("`extensions` must be an object".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(parameters: Value) -> Result<Operation, String> {
        let Value::Object(parameters) = parameters else { panic!("no object") };
        from_parameters(parameters)
    }

    #[test]
    fn an_operation_has_what_its_parameters_say() {
        let operation = read(json!({
            "query": "query A { a }", "operationName": "A", "variables": { "b": [1] },
            "extensions": { "c": 1 }, "unknown": true,
        }))
        .unwrap();
        assert_eq!(operation.query, "query A { a }");
        assert_eq!(operation.operation_name.as_deref(), Some("A"));
        assert_eq!(serde_json::to_value(&operation.variables).unwrap(), json!({ "b": [1] }));
        let null = json!({
            "query": "{a}", "operationName": null, "variables": null, "extensions": null,
        });
        assert!(read(null).is_ok_and(|operation| operation.operation_name.is_none()));
    }

    #[test]
    fn a_parameter_of_the_wrong_type_is_named() {
        for (name, wrong) in [
            ("query", vec![json!(0), json!({}), json!(false), json!(["a"]), json!(null)]),
            ("operationName", vec![json!(0), json!({}), json!(false), json!(["a"])]),
            ("variables", vec![json!(0), json!("{}"), json!(false), json!([{}])]),
            ("extensions", vec![json!(0), json!("{}"), json!(false), json!([{}])]),
        ] {
            for value in wrong {
                let mut parameters = json!({ "query": "{a}" });
                parameters[name] = value.clone();
                let error = read(parameters).map(|_| ()).unwrap_err();
                assert!(error.contains(&format!("`{name}`")), "{name} {value}: {error}");
            }
        }
    }

    #[test]
    fn a_query_string_is_read_like_a_body() {
        let read = |query: &str| from_query(&format!("/graphql?{query}").parse().unwrap());
        let operation = read("query=%7Ba%7D&operationName=&variables=%7B%22b%22:1%7D&x=y").unwrap();
        assert_eq!((operation.query.as_str(), operation.operation_name), ("{a}", None));
        assert_eq!(serde_json::to_value(&operation.variables).unwrap(), json!({ "b": 1 }));
        for wrong in [
            "",
            "query=",
            "x=y",
            "variables=%7B%7D",
            "query={a}&query={b}",
            "query={a}&variables=1",
            "query={a}&variables={",
            "query={a}&extensions=%22%22",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
