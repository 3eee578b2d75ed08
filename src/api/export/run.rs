//! An export that runs: reads, writes the file, says once a second how far it is.
//!
//! It runs in a task of its own and hands its file over piece by piece. The next piece is made
//! when the one before was taken, so a slow reader slows it and holds no connection to the
//! database. A reader that goes away ends it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::MissedTickBehavior;
use tracing::Instrument;

use super::file::File;
use crate::api::errors::{ApiError, Code};
use crate::api::reader::Reader;
use crate::auth::{Auth, Ended};
use crate::filter::Filter;
use crate::store::{ExportEnd, ExportStep};
use crate::user::{Export, ExportTally};

/// How often it says how far it is, and sees whether it was called off.
const BEAT: Duration = Duration::from_secs(1);

/// The file has not come to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the export broke off")]
pub struct BrokenOff;

/// An export, ready to run.
pub(super) struct Run {
    auth: Auth,
    reader: Reader,
    export: Export,
    asked: Filter,
    tally: Mutex<ExportTally>,
}

/// A piece on its way to the reader.
enum Piece {
    Bytes(Bytes),
    /// The file is whole. Without it, it is not, whatever became of the one that made it.
    End,
}

/// Why an export ends before its end.
enum Stop {
    /// Its reader is gone, or it was called off.
    Cancelled,
    Failed(ApiError),
}

impl<E: Into<ApiError>> From<E> for Stop {
    fn from(error: E) -> Self {
        Stop::Failed(error.into())
    }
}

impl Run {
    pub fn new(
        auth: Auth,
        reader: Reader,
        export: Export,
        asked: Filter,
        tally: ExportTally,
    ) -> Run {
        Run { auth, reader, export, asked, tally: Mutex::new(tally) }
    }

    /// Begins, and gives the file as it comes. `ended` resolves when whoever asked for it may no
    /// longer have it.
    pub fn start(
        self,
        ended: impl Future<Output = Ended> + Send + 'static,
    ) -> BoxStream<'static, Result<Bytes, BrokenOff>> {
        let (out, pieces) = channel(1);
        tokio::spawn(self.run(out, ended).in_current_span());
        file(pieces)
    }

    async fn run(self, out: Sender<Piece>, ended: impl Future<Output = Ended>) {
        let outcome = tokio::select! {
            biased;
            why = ended => Err(why.into()),
            () = self.reader.closed() => {
                Err(ApiError::new(Code::Unavailable, "the server was stopped").into())
            }
            () = out.closed() => Err(Stop::Cancelled),
            () = self.called_off() => Err(Stop::Cancelled),
            written = self.write(&out) => written,
        };
        let tally = self.tally();
        let (id, ExportTally { records, bytes, .. }) = (self.export.id, tally);
        let end = match &outcome {
            Ok(()) => ExportEnd::Done,
            Err(Stop::Cancelled) => ExportEnd::Cancelled,
            Err(Stop::Failed(error)) => ExportEnd::Failed(error.message.clone()),
        };
        tracing::info!(export = %id, ?end, records, bytes, "an export ended");
        if let Err(error) = self.auth.end_export(id, end, tally).await {
            tracing::warn!(%error, export = %id, "the end of an export was not written down");
        }
        if outcome.is_ok() {
            // A reader that went away at the last moment misses nothing.
            let _ = out.send(Piece::End).await;
        }
    }

    /// Writes the file to its end.
    async fn write(&self, out: &Sender<Piece>) -> Result<(), Stop> {
        let (mut file, opening) = File::begin(self.export.format)?;
        self.send(out, opening).await?;
        loop {
            let ExportTally { position, last_id, .. } = self.tally();
            if position >= last_id {
                break;
            }
            let whole = file.whole_from();
            let step = self.reader.export(&self.asked, position, last_id, whole).await?;
            self.check(&step)?;
            let ExportStep { piece, scanned_to, .. } = step;
            let records = piece.records();
            let bytes;
            (file, bytes) = computed(move || {
                let bytes = file.add(piece)?;
                Ok((file, bytes))
            })
            .await?;
            self.send(out, bytes).await?;
            let mut tally = self.lock();
            tally.position = scanned_to;
            tally.records += records;
        }
        let rest = computed(move || file.finish()).await?;
        self.send(out, rest).await?;
        // Taken, all of it.
        out.reserve().await.map(drop).map_err(|_| Stop::Cancelled)
    }

    /// Whether a step has all that it should have.
    fn check(&self, step: &ExportStep) -> Result<(), Stop> {
        if step.lost > 0 {
            let message = "retention removed records before they could be read";
            return Err(ApiError::new(Code::Unavailable, message).into());
        }
        for damaged in &step.damaged {
            if !self.export.skip_damaged {
                let message = format!("{damaged}; with `skipDamaged` it is left out");
                return Err(ApiError::new(Code::Damaged, message).into());
            }
            let mut tally = self.lock();
            let first = damaged.first_id.max(tally.position + 1);
            let last = damaged.last_id.min(step.scanned_to);
            tally.skipped += u64::try_from(last - first + 1).unwrap_or(0);
        }
        Ok(())
    }

    async fn send(&self, out: &Sender<Piece>, bytes: Bytes) -> Result<(), Stop> {
        if bytes.is_empty() {
            return Ok(());
        }
        let length = bytes.len() as u64;
        out.send(Piece::Bytes(bytes)).await.map_err(|_| Stop::Cancelled)?;
        self.lock().bytes += length;
        Ok(())
    }

    /// Says now and then how far it is, until it is called off.
    async fn called_off(&self) {
        let mut beats = tokio::time::interval(BEAT);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            beats.tick().await;
            match self.auth.note_export(self.export.id, self.tally()).await {
                Ok(true) => {}
                Ok(false) => return,
                // What it reads fails too, if the database stays away.
                Err(error) => tracing::debug!(%error, "how far an export is was not noted"),
            }
        }
    }

    fn tally(&self) -> ExportTally {
        *self.lock()
    }

    fn lock(&self) -> MutexGuard<'_, ExportTally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Computes where it keeps nobody waiting.
async fn computed<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| ApiError::internal(&error))?
}

/// The file that these pieces make.
fn file(pieces: Receiver<Piece>) -> BoxStream<'static, Result<Bytes, BrokenOff>> {
    stream::unfold(Some(pieces), |pieces| async {
        let mut pieces = pieces?;
        match pieces.recv().await {
            Some(Piece::Bytes(bytes)) => Some((Ok(bytes), Some(pieces))),
            Some(Piece::End) => None,
            None => Some((Err(BrokenOff), None)),
        }
    })
    .boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(pieces: impl IntoIterator<Item = Piece>) -> Vec<Result<Bytes, BrokenOff>> {
        let (out, receiver) = channel(9);
        for piece in pieces {
            assert!(out.send(piece).await.is_ok());
        }
        drop(out);
        file(receiver).collect().await
    }

    #[tokio::test]
    async fn a_file_without_its_end_is_an_error_whatever_happened() {
        let a = || Piece::Bytes(Bytes::from_static(b"a"));
        assert_eq!(read([a(), Piece::End]).await, [Ok(Bytes::from_static(b"a"))]);
        assert_eq!(read([a()]).await, [Ok(Bytes::from_static(b"a")), Err(BrokenOff)]);
        assert_eq!(read([]).await, [Err(BrokenOff)]);
        assert_eq!(read([Piece::End]).await, []);
    }
}
