//! Following the link of an export.

use bytes::Bytes;
use futures_util::stream::BoxStream;
use secrecy::{ExposeSecret, SecretString};

use super::file::content_type;
use super::run::{BrokenOff, Run};
use crate::api::errors::ApiError;
use crate::api::filter::LogFilter;
use crate::api::reader::{LockedLog, Reader};
use crate::auth::{Auth, Caller, NoExport, Peer};
use crate::filter::Filter;
use crate::store::{ExportEnd, Head};
use crate::user::{Export, ExportTally};

/// Where links of exports lead, under the address of the server.
const PATH: &str = "/export/";

/// Serves exports. Clones share it.
#[derive(Clone)]
pub struct Exports {
    auth: Auth,
    log: LockedLog,
    /// Where clients find us, without a `/` at its end; empty where nobody said.
    place: String,
}

/// What is known of a file before it is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileHead {
    /// What to call it.
    pub name: String,
    /// Its media type.
    pub content_type: &'static str,
}

/// A file that is being made. Dropping its body calls it off.
pub struct Download {
    pub head: FileHead,
    /// As fast as it is taken. One that ends with an error, or before its end, is not whole.
    pub body: BoxStream<'static, Result<Bytes, BrokenOff>>,
}

/// Why a link leads to nothing.
#[derive(Debug)]
pub enum NoDownload {
    /// There never was one.
    Unknown(String),
    /// It was good once.
    Gone(String),
    /// It may be, but something failed.
    Failed(ApiError),
}

impl From<NoExport> for NoDownload {
    fn from(error: NoExport) -> Self {
        match error {
            NoExport::Unknown => NoDownload::Unknown(error.to_string()),
            NoExport::Gone(_) => NoDownload::Gone(error.to_string()),
            NoExport::Auth(error) => NoDownload::Failed(error.into()),
        }
    }
}

impl Exports {
    /// Serves exports of this log, to clients that find us under this address.
    pub fn new(auth: Auth, log: LockedLog, public_url: Option<&str>) -> Exports {
        let place = public_url.unwrap_or_default().trim_end_matches('/').to_owned();
        Exports { auth, log, place }
    }

    /// The link with this secret: whole where we know our address, else from the root of the
    /// server.
    pub fn link(&self, secret: &SecretString) -> String {
        format!("{}{PATH}{}", self.place, secret.expose_secret())
    }

    /// What a link leads to, which stays good.
    ///
    /// # Errors
    /// See [`NoDownload`].
    pub async fn look(&self, secret: &str) -> Result<FileHead, NoDownload> {
        Ok(FileHead::of(&self.auth.look_at_export(secret).await?))
    }

    /// Follows a link, which is good no more then.
    ///
    /// # Errors
    /// See [`NoDownload`].
    pub async fn follow(&self, secret: &str, peer: Peer) -> Result<Download, NoDownload> {
        let (export, caller) = self.auth.take_export(secret, peer).await?;
        match self.begin(&export, &caller).await {
            Ok((reader, asked, log)) => {
                let tally = ExportTally {
                    first_id: log.first_id,
                    last_id: log.last_id,
                    position: log.first_id - 1,
                    ..ExportTally::default()
                };
                let head = FileHead::of(&export);
                let run = Run::new(self.auth.clone(), reader, export, asked, tally);
                Ok(Download { head, body: run.start(caller.ended()) })
            }
            Err(error) => {
                let end = ExportEnd::Failed(error.message.clone());
                let ended = self.auth.end_export(export.id, end, ExportTally::default()).await;
                if let Err(error) = ended {
                    tracing::debug!(%error, export = %export.id, "its end was not written down");
                }
                Err(NoDownload::Failed(error))
            }
        }
    }

    /// The log as whoever asked sees it now, what they asked for, and where the log begins and
    /// ends.
    async fn begin(
        &self,
        export: &Export,
        caller: &Caller,
    ) -> Result<(Reader, Filter, Head), ApiError> {
        let reader = self.log.open(caller.viewer()?)?;
        let filter = LogFilter::from_json(&export.filter).map_err(|e| ApiError::internal(&e))?;
        let asked = reader.read(&filter).await?.tree;
        let head = reader.head().await?;
        Ok((reader, asked, head))
    }
}

impl FileHead {
    fn of(export: &Export) -> FileHead {
        let at = export.created_at.format("%Y%m%dT%H%M%SZ");
        FileHead {
            name: format!("tailwater-{at}.{}", export.format.name()),
            content_type: content_type(export.format),
        }
    }
}
