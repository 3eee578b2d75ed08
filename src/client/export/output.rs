//! Where an export goes: into a file that appears when it is whole, or to stdout.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use uuid::Uuid;

use crate::client::ClientError;
use crate::client::render::escape_as_json;

/// Where an export goes. Dropped before its end, it leaves nothing behind.
#[derive(Debug)]
pub(super) enum Output {
    File(Unfinished),
    Stdout,
    /// As a terminal takes it: whole lines, none of which can harm it.
    Terminal {
        unfinished: Vec<u8>,
    },
}

/// A file under a name of its own, until it is whole.
#[derive(Debug)]
pub(super) struct Unfinished {
    file: Option<BufWriter<File>>,
    temporary: PathBuf,
    path: PathBuf,
    replace: bool,
    bytes: u64,
}

impl Output {
    /// Opens the output; `-` is stdout.
    ///
    /// # Errors
    /// [`ClientError::Usage`] for a file that is there and must not be replaced,
    /// [`ClientError::Failed`] for one that cannot be written.
    pub fn open(path: &Path, replace: bool, on_terminal: bool) -> Result<Output, ClientError> {
        if on_terminal {
            return Ok(Output::Terminal { unfinished: Vec::new() });
        }
        if path == Path::new("-") {
            return Ok(Output::Stdout);
        }
        refuse_to_replace(path, replace)?;
        let failed = |error| unwritable(path, error);
        let no_file = || io::Error::new(io::ErrorKind::InvalidInput, "it names no file");
        let name = path.file_name().ok_or_else(no_file).map_err(failed)?.to_string_lossy();
        let temporary = path.with_file_name(format!(".{name}.{}.part", Uuid::new_v4().simple()));
        let file = OpenOptions::new().write(true).create_new(true).open(&temporary);
        Ok(Output::File(Unfinished {
            file: Some(BufWriter::new(file.map_err(failed)?)),
            temporary,
            path: path.to_owned(),
            replace,
            bytes: 0,
        }))
    }

    /// Writes what came.
    ///
    /// # Errors
    /// It takes no more.
    pub async fn write(&mut self, bytes: Bytes) -> Result<(), ClientError> {
        match self {
            Output::File(file) => tokio::task::block_in_place(|| file.write(&bytes)),
            Output::Stdout => to_stdout(bytes).await,
            Output::Terminal { unfinished } => {
                unfinished.extend_from_slice(&bytes);
                let whole = unfinished.iter().rposition(|byte| *byte == b'\n').map_or(0, |n| n + 1);
                let lines: Vec<u8> = unfinished.drain(..whole).collect();
                to_stdout(harmless(&lines).into()).await
            }
        }
    }

    /// The export is whole: a file gets its name. How many bytes it has; none where it is no file.
    ///
    /// # Errors
    /// [`ClientError::Usage`] when the file has appeared meanwhile, [`ClientError::Failed`] when it
    /// cannot be written to its end.
    pub fn finish(self) -> Result<Option<u64>, ClientError> {
        match self {
            Output::File(file) => file.finish().map(Some),
            Output::Stdout | Output::Terminal { .. } => Ok(None),
        }
    }
}

impl Unfinished {
    fn write(&mut self, bytes: &[u8]) -> Result<(), ClientError> {
        self.bytes += bytes.len() as u64;
        let written = self.file.as_mut().map_or(Ok(()), |file| file.write_all(bytes));
        written.map_err(|error| unwritable(&self.path, error))
    }

    fn finish(mut self) -> Result<u64, ClientError> {
        refuse_to_replace(&self.path, self.replace)?;
        let finished = self.file.take().map_or(Ok(()), |file| {
            let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
            // A file that has its name is whole, also after a power cut.
            file.sync_all()?;
            fs::rename(&self.temporary, &self.path)
        });
        finished.map_err(|error| unwritable(&self.path, error))?;
        Ok(self.bytes)
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // When it got its name there is nothing under this one.
        let _ = fs::remove_file(&self.temporary);
    }
}

fn refuse_to_replace(path: &Path, replace: bool) -> Result<(), ClientError> {
    if !replace && path.symlink_metadata().is_ok() {
        let problem = format!("{} is there already; --force replaces it", path.display());
        return Err(ClientError::Usage(problem));
    }
    Ok(())
}

fn unwritable(path: &Path, error: io::Error) -> ClientError {
    ClientError::Failed(format!("cannot write {}: {error}", path.display()))
}

/// Whoever reads it may take its time, and Ctrl-C is heard meanwhile.
async fn to_stdout(bytes: Bytes) -> Result<(), ClientError> {
    let written = tokio::task::spawn_blocking(move || {
        let mut stdout = io::stdout().lock();
        stdout.write_all(&bytes).and_then(|()| stdout.flush())
    });
    written.await.map_err(io::Error::other).flatten().map_err(ClientError::output)
}

/// The lines as a terminal takes them. What could harm it stands inside of JSON strings or cells.
fn harmless(lines: &[u8]) -> String {
    let text = String::from_utf8_lossy(lines);
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        match line.strip_suffix('\n') {
            Some(line) => {
                escape_as_json(line, &mut out);
                out.push('\n');
            }
            None => escape_as_json(line, &mut out),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        let names = fs::read_dir(directory).unwrap();
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn a_file_appears_when_it_is_whole() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.csv");
        let mut output = Output::open(&path, false, false).unwrap();
        output.write(Bytes::from_static(b"id\n")).await.unwrap();
        assert!(!path.exists() && names(directory.path()).len() == 1);
        assert_eq!(output.finish().unwrap(), Some(3));
        assert_eq!(names(directory.path()), ["a.csv"]);
        assert_eq!(fs::read(&path).unwrap(), b"id\n");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn one_that_is_given_up_leaves_nothing_behind() {
        let directory = tempfile::tempdir().unwrap();
        let mut output = Output::open(&directory.path().join("a.csv"), false, false).unwrap();
        output.write(Bytes::from_static(b"id\n")).await.unwrap();
        drop(output);
        assert!(names(directory.path()).is_empty());
    }

    #[test]
    fn a_file_that_is_there_is_replaced_only_when_asked_to() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.csv");
        let early = Output::open(&path, false, false).unwrap();
        fs::write(&path, "mine").unwrap();
        assert!(matches!(Output::open(&path, false, false), Err(ClientError::Usage(_))));
        assert!(matches!(early.finish(), Err(ClientError::Usage(_))), "it appeared meanwhile");
        assert_eq!(fs::read(&path).unwrap(), b"mine");
        Output::open(&path, true, false).unwrap().finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"");
        assert_eq!(names(directory.path()), ["a.csv"]);
    }

    #[test]
    fn nothing_harms_a_terminal() {
        let lines = "{\"m\":\"\u{9b}2J\u{202e}\"}\nä\u{1b}[2J\n";
        assert_eq!(harmless(lines.as_bytes()), "{\"m\":\"\\u009b2J\\u202e\"}\nä\\u001b[2J\n");
    }
}
