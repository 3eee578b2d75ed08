//! The answers of a subscription to `tail`.
//!
//! The schema opens the tail, and shows its batches one by one: each is an execution of its own, with
//! the batch at hand. So subscribers that ask the same and stand at the same place share it: what one
//! of them had executed and written down, the others hand on.

use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::{Request, Response};
use futures_util::stream::{self, BoxStream};
use futures_util::{Stream, StreamExt};
use prometheus_client::metrics::gauge::Gauge;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::answer::Answer;
use super::errors::Fallible;
use super::operation::{Fingerprint, Operation};
use super::reader::Reader;
use super::subscription::TailBatch;
use crate::live::{Batch, Tail};

/// Bytes of records whose answers are kept for others, about; an answer takes some times as much.
/// Others come for it at once, or not at all.
const SHARED_BYTES: u64 = 4 << 20;
/// Answers that are expected to be kept.
const SHARED_ANSWERS: usize = 64;
/// What an answer without records takes, about.
const ANSWER_BYTES: u64 = 512;

/// A tail that the schema has opened, with what it is read by.
pub struct Opened {
    pub tail: Tail,
    pub reader: Reader,
    pub counted: Counted,
}

/// Passes between an execution and who asked for it.
#[derive(Clone, Default)]
pub struct Stage(Arc<Mutex<Scene>>);

#[derive(Default)]
enum Scene {
    /// A tail is to be opened.
    #[default]
    Opening,
    Opened(Box<Opened>),
    /// This is to be shown.
    Showing(Fallible<TailBatch>),
    Over,
}

impl Stage {
    fn showing(batch: Fallible<TailBatch>) -> Stage {
        Stage(Arc::new(Mutex::new(Scene::Showing(batch))))
    }

    /// What is to be shown; none when a tail is to be opened.
    pub fn shown(&self) -> Option<Fallible<TailBatch>> {
        let mut scene = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut *scene, Scene::Over) {
            Scene::Showing(batch) => Some(batch),
            other => {
                *scene = other;
                None
            }
        }
    }

    /// A tail was opened.
    pub fn open(&self, opened: Opened) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Scene::Opened(Box::new(opened));
    }

    fn take_opened(&self) -> Option<Box<Opened>> {
        let mut scene = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut *scene, Scene::Over) {
            Scene::Opened(opened) => Some(opened),
            _ => None,
        }
    }
}

/// One in a gauge, for as long as it lives.
pub struct Counted(Gauge);

impl Counted {
    pub fn new(gauge: &Gauge) -> Self {
        gauge.inc();
        Counted(gauge.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// Which records an answer shows, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Stretch {
    operation: Fingerprint,
    /// What matches after this position,
    after: i64,
    /// and up to this one.
    up_to: i64,
    caught_up: bool,
}

#[derive(Clone, Debug)]
struct ByRecords;

impl Weighter<Stretch, (Answer, u64)> for ByRecords {
    fn weight(&self, _: &Stretch, (_, bytes): &(Answer, u64)) -> u64 {
        ANSWER_BYTES + bytes
    }
}

/// The newest answers of all tails. Clones share them.
#[derive(Clone, Debug)]
pub struct SharedAnswers(Arc<Cache<Stretch, (Answer, u64), ByRecords>>);

impl Default for SharedAnswers {
    fn default() -> Self {
        SharedAnswers(Arc::new(Cache::with_weighter(SHARED_ANSWERS, SHARED_BYTES, ByRecords)))
    }
}

/// Executes a request: the answers that come of it.
pub trait Execute: Fn(Request) -> BoxStream<'static, Response> + Send + Sync + 'static {}

impl<F> Execute for F where F: Fn(Request) -> BoxStream<'static, Response> + Send + Sync + 'static {}

/// The answers of a subscription.
pub fn answers(
    operation: Operation,
    execute: impl Execute,
    shared: SharedAnswers,
) -> impl Stream<Item = Answer> + Send + 'static {
    let operation = Box::new(operation);
    stream::unfold(State::Begin { operation, execute, shared }, |mut state| async move {
        loop {
            state = match state {
                State::Begin { operation, execute, shared } => {
                    let stage = Stage::default();
                    let mut rest = execute(operation.request().data(stage.clone()));
                    match rest.next().await {
                        Some(answer) => return Some((answer.into(), State::Failing(rest))),
                        None => {
                            let opened = stage.take_opened()?;
                            let filter = opened.tail.filter();
                            let fingerprint = operation.fingerprint(&opened.reader, filter);
                            State::Following(Box::new(Following {
                                operation,
                                execute,
                                shared,
                                fingerprint,
                                opened: *opened,
                                told: None,
                            }))
                        }
                    }
                }
                // Why it could not be opened.
                State::Failing(mut rest) => {
                    return Some((rest.next().await?.into(), State::Failing(rest)));
                }
                State::Following(mut following) => {
                    let answer = following.next().await?;
                    return Some((answer, State::Following(following)));
                }
            };
        }
    })
}

enum State<E> {
    Begin { operation: Box<Operation>, execute: E, shared: SharedAnswers },
    Failing(BoxStream<'static, Response>),
    Following(Box<Following<E>>),
}

struct Following<E> {
    operation: Box<Operation>,
    execute: E,
    shared: SharedAnswers,
    fingerprint: Fingerprint,
    opened: Opened,
    /// Where the last batch ended; none before the first.
    told: Option<i64>,
}

impl<E: Execute> Following<E> {
    /// The answer that shows the next batch.
    async fn next(&mut self) -> Option<Answer> {
        let batch = match self.opened.tail.next().await? {
            Ok(batch) => batch,
            Err(error) => return self.show(Some(Err(error.into()))).await,
        };
        let up_to = batch.cursor.id;
        let after = self.told.replace(up_to);
        let Some(after) = after.filter(|_| self.is_shared(&batch)) else {
            return self.show(Some(Ok(TailBatch::new(batch, &self.opened.reader)))).await;
        };
        let operation = self.fingerprint;
        let stretch = Stretch { operation, after, up_to, caught_up: batch.caught_up };
        let bytes = batch.logs.iter().map(|log| log.size() as u64).sum();
        let made = async {
            let batch = TailBatch::new(batch, &self.opened.reader);
            self.show(Some(Ok(batch))).await.map(|answer| (answer, bytes)).ok_or(())
        };
        self.shared.0.get_or_insert_async(&stretch, made).await.ok().map(|(answer, _)| answer)
    }

    /// Whether others may want the same. What was lost on the way differs from reader to reader.
    fn is_shared(&self, batch: &Batch) -> bool {
        batch.lost_before == 0 && self.opened.counted.0.get() > 1
    }

    async fn show(&self, batch: Fallible<TailBatch>) -> Option<Answer> {
        let request = self.operation.request().data(Stage::showing(batch));
        (self.execute)(request).next().await.map(Answer::from)
    }
}
