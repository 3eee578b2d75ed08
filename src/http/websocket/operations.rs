//! The operations that run on a socket, each under a name that the client gave it.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::{self, AbortHandle, BoxStream, SelectAll};

use crate::api::Answer;

/// What an operation has come to.
#[derive(Debug)]
pub(super) enum Step {
    Answer(Answer),
    /// There are no more answers.
    Over,
}

/// The running operations. They run only while [`Operations::next`] is awaited: when the socket
/// takes no more, none of them goes on.
pub(super) struct Operations {
    running: SelectAll<BoxStream<'static, (Arc<str>, Step)>>,
    /// Ends an operation, by its name.
    handles: HashMap<Arc<str>, AbortHandle>,
    most: usize,
}

/// Why an operation does not begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Full {
    /// One of the name is running.
    Duplicate,
    /// As many are running as may.
    TooMany,
}

impl Operations {
    /// None, with room for `most`.
    pub fn new(most: usize) -> Self {
        Operations { running: SelectAll::new(), handles: HashMap::new(), most }
    }

    /// Whether one of this name may begin.
    pub fn room_for(&self, id: &str) -> Result<(), Full> {
        match () {
            () if self.handles.contains_key(id) => Err(Full::Duplicate),
            () if self.handles.len() >= self.most => Err(Full::TooMany),
            () => Ok(()),
        }
    }

    /// Begins one. There must be room for it.
    pub fn begin(&mut self, id: String, answers: BoxStream<'static, Answer>) {
        let id: Arc<str> = id.into();
        let name = id.clone();
        let steps = answers.map(Step::Answer).chain(stream::iter([Step::Over]));
        let (steps, handle) = stream::abortable(steps.map(move |step| (name.clone(), step)));
        self.handles.insert(id, handle);
        self.running.push(steps.boxed());
    }

    /// Ends one, if it runs; nothing more comes of it.
    pub fn end(&mut self, id: &str) {
        if let Some(handle) = self.handles.remove(id) {
            handle.abort();
        }
    }

    /// The next step of any of them; waits while none runs.
    pub async fn next(&mut self) -> (Arc<str>, Step) {
        match self.running.next().await {
            Some(step) => step,
            None => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{Response, value};
    use futures_util::FutureExt;

    use super::*;

    fn answers(of: &'static str, count: usize) -> BoxStream<'static, Answer> {
        let answer = move |n| Answer::from(Response::new(value!({ "of": of, "n": n })));
        stream::iter((0..count).map(answer)).boxed()
    }

    #[tokio::test]
    async fn each_gives_its_answers_and_then_its_end() {
        let mut operations = Operations::new(9);
        operations.begin("a".into(), answers("a", 2));
        let mut seen = Vec::new();
        loop {
            match operations.next().await {
                (id, Step::Answer(outcome)) => {
                    seen.push(format!("{id} {}", outcome.response().data))
                }
                (id, Step::Over) => break seen.push(format!("{id} over")),
            }
        }
        assert_eq!(seen, ["a {of: \"a\", n: 0}", "a {of: \"a\", n: 1}", "a over"]);
    }

    #[tokio::test]
    async fn what_was_ended_says_nothing_more_though_its_name_is_used_again() {
        let mut operations = Operations::new(9);
        operations.begin("a".into(), answers("old", 5));
        operations.next().await;
        operations.end("a");
        operations.begin("a".into(), answers("new", 1));
        let (_, Step::Answer(outcome)) = operations.next().await else { panic!("no answer") };
        assert_eq!(outcome.response().data, value!({ "of": "new", "n": 0 }));
        assert!(matches!(operations.next().await, (_, Step::Over)));
        assert!(operations.next().now_or_never().is_none());
    }

    #[test]
    fn there_is_room_for_so_many_and_for_one_of_a_name() {
        let mut operations = Operations::new(2);
        operations.begin("a".into(), answers("a", 1));
        assert_eq!(operations.room_for("a"), Err(Full::Duplicate));
        assert_eq!(operations.room_for("b"), Ok(()));
        operations.begin("b".into(), answers("b", 1));
        assert_eq!(operations.room_for("c"), Err(Full::TooMany));
        operations.end("a");
        assert_eq!(operations.room_for("a"), Ok(()));
    }
}
