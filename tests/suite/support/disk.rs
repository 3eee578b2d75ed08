//! A small disk of a test's own, to be full when the test says so.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::chown;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// A mounted file system in memory; gone when dropped.
pub struct SmallDisk {
    directory: TempDir,
}

impl SmallDisk {
    /// A disk of so many MiB. Only root may mount one: `None`, and it says so, when we may not.
    pub fn mount(mebibytes: u32) -> Option<SmallDisk> {
        let directory = TempDir::with_prefix("tailwater-disk-").expect("a directory");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={mebibytes}m,mode=755"), "tailwater-test"])
            .arg(directory.path())
            .output();
        match mounted {
            Ok(output) if output.status.success() => Some(SmallDisk { directory }),
            Ok(output) => {
                let why = String::from_utf8_lossy(&output.stderr);
                eprintln!("skipped: a small disk cannot be mounted (root may): {}", why.trim());
                None
            }
            Err(error) => {
                eprintln!("skipped: a small disk cannot be mounted: {error}");
                None
            }
        }
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Gives the disk to a user and a group.
    pub fn give_to(&self, (user, group): (u32, u32)) {
        chown(self.path(), Some(user), Some(group)).expect("give the disk away");
    }

    /// Fills it but for so many bytes.
    pub fn fill(&self, leave: u64) {
        let mut ballast = File::create(self.path().join("ballast")).expect("a file");
        let piece = vec![0; 64 << 10];
        while ballast.write_all(&piece).is_ok() {}
        let length = ballast.metadata().expect("its length").len();
        ballast.set_len(length.saturating_sub(leave)).expect("it can be cut");
    }

    /// Makes room again.
    pub fn make_room(&self) {
        fs::remove_file(self.path().join("ballast")).expect("it is filled");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: whoever has files open on it ends soon.
        let _ = Command::new("umount").arg("--lazy").arg(self.path()).status();
    }
}
