//! Readers that stall: a connection that takes too little of what waits for it, for too long,
//! fails. Whatever is behind it (an answer, a stream, a tail) is dropped with it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// What a reader must take of what waits for it within the time that it is given, in bytes: a byte
/// now and then does not keep a connection.
pub(super) const LEAST: usize = 32 << 10;

/// A connection whose other side must read: while something waits for it, [`LEAST`] bytes within
/// `patience`.
pub(super) struct Impatient<S> {
    connection: S,
    patience: Duration,
    /// Since something waits.
    waiting: Option<Waiting>,
}

struct Waiting {
    patience: Pin<Box<Sleep>>,
    /// What was taken meanwhile, in bytes.
    taken: usize,
}

impl<S> Impatient<S> {
    pub fn new(connection: S, patience: Duration) -> Self {
        Impatient { connection, patience, waiting: None }
    }

    /// What becomes of an attempt to write: one for which the other side has done too little is an
    /// error.
    fn judge(
        &mut self,
        context: &mut Context<'_>,
        attempt: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if let Poll::Ready(written) = &attempt {
            let written = *written.as_ref().unwrap_or(&0);
            self.waiting.take_if(|waiting| {
                waiting.taken += written;
                waiting.taken >= LEAST
            });
            return attempt;
        }
        let begin = || Waiting { patience: Box::pin(sleep(self.patience)), taken: 0 };
        let waiting = self.waiting.get_or_insert_with(begin);
        ready!(waiting.patience.as_mut().poll(context));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the other side does not read")))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Impatient<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().connection).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Impatient<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let attempt = Pin::new(&mut this.connection).poll_write(context, bytes);
        this.judge(context, attempt)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let attempt = Pin::new(&mut this.connection).poll_write_vectored(context, slices);
        this.judge(context, attempt)
    }

    fn is_write_vectored(&self) -> bool {
        self.connection.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(Pin::new(&mut this.connection).poll_flush(context))?;
        // All that there was is written, and nothing waits.
        this.waiting = None;
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().connection).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_takes_nothing_is_given_up() {
        let (ours, _theirs) = duplex(16);
        let mut ours = Impatient::new(ours, Duration::from_secs(30));
        let error = ours.write_all(&[0; 17]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    /// Reads so many bytes a second, and says how much it has read in the end.
    async fn read_slowly(mut from: DuplexStream, a_second: usize) -> usize {
        let (mut read, mut buffer) = (0, vec![0; a_second]);
        while let Ok(taken @ 1..) = from.read(&mut buffer).await {
            read += taken;
            sleep(Duration::from_secs(1)).await;
        }
        read
    }

    /// Writes to a reader of this speed, and flushes after each piece.
    async fn write_to(a_second: usize, piece: usize, pieces: usize) -> io::Result<()> {
        let (ours, theirs) = duplex(a_second.max(16));
        let mut ours = Impatient::new(ours, Duration::from_secs(30));
        let reader = tokio::spawn(read_slowly(theirs, a_second));
        for _ in 0..pieces {
            ours.write_all(&vec![0; piece]).await?;
            ours.flush().await?;
        }
        drop(ours);
        assert_eq!(reader.await.unwrap(), piece * pieces);
        Ok(())
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_reader_is_not() {
        write_to(2_000, 1 << 20, 1).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_takes_a_byte_now_and_then_is_given_up() {
        let error = write_to(1, 1 << 20, 1).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_takes_all_there_is_may_take_its_time() {
        write_to(1, 20, 50).await.unwrap();
    }
}
