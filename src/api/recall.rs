//! Answers that were given before, told again while the log is the same.
//!
//! Many look at the same pages: a dashboard on every screen, a panel that asks every few seconds. A
//! question to the log alone (see [`Nature::of_the_log`](super::document::Nature)) has one answer for
//! all who see the same, until the log moves; whether it has moved is asked each time.

use std::sync::Arc;

use async_graphql::{Request, Response};
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::answer::Answer;
use super::operation::Fingerprint;
use super::reader::Reader;

/// Bytes of text that are kept, at most.
const BYTES: u64 = 16 << 20;
/// Answers that are expected to be kept.
const ANSWERS: usize = 512;
/// What an answer takes beside its text, about.
const ANSWER_BYTES: u64 = 512;
/// The argument that stands for a filter which its owner may change.
const SAVED: &str = "savedSearch";

#[derive(Clone, Debug)]
struct ByText;

impl Weighter<Fingerprint, Answer> for ByText {
    fn weight(&self, _: &Fingerprint, answer: &Answer) -> u64 {
        ANSWER_BYTES + answer.text().len() as u64
    }
}

/// The answers that were asked for last. Clones share them.
#[derive(Clone, Debug)]
pub struct Recall(Arc<Cache<Fingerprint, Answer, ByText>>);

impl Default for Recall {
    fn default() -> Self {
        Recall(Arc::new(Cache::with_weighter(ANSWERS, BYTES, ByText)))
    }
}

impl Recall {
    /// The answer that was given to this question, or else the one that is made now. Who asks at the
    /// same time waits for the one who asked first. What failed is not kept.
    pub async fn answer(
        &self,
        question: &Fingerprint,
        make: impl Future<Output = Response>,
    ) -> Answer {
        let made = async {
            let response = make.await;
            match response.errors.is_empty() {
                true => Ok(Answer::written(response)),
                false => Err(Answer::from(response)),
            }
        };
        match self.0.get_or_insert_async(question, made).await {
            Ok(answer) | Err(answer) => answer,
        }
    }
}

/// Names a question to the log by what is asked, by what whoever asks sees, and by how far the log
/// goes at this moment. `None` where the answer depends on more.
pub async fn question(request: &Request, reader: &Reader) -> Option<Fingerprint> {
    let variables = serde_json::to_string(&request.variables).ok()?;
    if [&request.query, &variables].iter().any(|text| text.contains(SAVED)) {
        return None;
    }
    let head = reader.head().await.ok()?;
    let ends = (head.database, head.first_id, head.last_id);
    let said = (&request.query, &request.operation_name, &variables);
    Some(Fingerprint::of(&(said, reader.sight(), ends)))
}
