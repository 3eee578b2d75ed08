//! An answer of an operation, which many subscribers may share.

use std::sync::{Arc, OnceLock};

use async_graphql::Response;

/// What an operation answered, and how it is written once somebody wrote it. Clones share both.
#[derive(Clone, Debug)]
pub struct Answer(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    response: Response,
    text: OnceLock<String>,
}

impl Answer {
    /// What was answered.
    pub fn response(&self) -> &Response {
        &self.0.response
    }

    /// The answer as text: written by whoever asks first. All who share it write alike.
    pub fn text(&self, write: impl FnOnce(&Response) -> String) -> &str {
        self.0.text.get_or_init(|| write(&self.0.response))
    }
}

impl From<Response> for Answer {
    fn from(response: Response) -> Self {
        Answer(Arc::new(Inner { response, text: OnceLock::new() }))
    }
}
