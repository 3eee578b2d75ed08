//! The wall clock of a process, in the hands of a test.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use super::server::Setup;

/// A clock that shows the time of this machine until it is set.
pub struct Clock {
    directory: TempDir,
}

impl Clock {
    /// Builds what stands between a process and the clock: a few lines of C, with the compiler that
    /// building Tailwater needs as well.
    pub fn new() -> Clock {
        const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite/support/clock.c");
        let clock =
            Clock { directory: TempDir::with_prefix("tailwater-clock-").expect("a directory") };
        let built = Command::new("cc")
            .args(["-shared", "-fPIC", "-Wall", "-Werror", "-o"])
            .args([clock.library(), SOURCE.into()])
            .output()
            .expect("cc runs");
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        clock.set(0);
        clock
    }

    /// A process that sees this clock.
    pub fn seen_by(&self, mut setup: Setup) -> Setup {
        for (name, path) in [("LD_PRELOAD", self.library()), ("CLOCK_OFFSET", self.offset())] {
            let path = path.to_str().expect("a path in UTF-8").to_owned();
            setup.variables.push((name.to_owned(), path));
        }
        setup
    }

    /// Sets the clock to so many seconds after the time of this machine, or before it.
    pub fn set(&self, seconds: i64) {
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(self.offset());
        // In place: processes have the file in their memory.
        file.and_then(|mut file| file.write_all(&seconds.to_ne_bytes())).expect("it is written");
    }

    fn library(&self) -> PathBuf {
        self.directory.path().join("clock.so")
    }

    fn offset(&self) -> PathBuf {
        self.directory.path().join("offset")
    }
}
