//! The sign-ins that `tailwater login` keeps: a file that only its owner can read. A refresh token is
//! good once, so it is used, and its successor kept, under a lock: processes take turns.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use reqwest::Url;
use serde::{Deserialize, Serialize};

/// A kept sign-in.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Login {
    /// The server, as it was named at the sign-in.
    #[serde(with = "as_text")]
    pub url: Url,
    pub username: String,
    /// Good once; never shown.
    pub refresh_token: String,
}

/// Where the sign-ins of this user are kept.
#[derive(Clone, Debug)]
pub struct Logins {
    directory: PathBuf,
}

impl Logins {
    /// Those in this directory.
    #[cfg(test)]
    pub fn in_directory(directory: &Path) -> Logins {
        Logins { directory: directory.to_owned() }
    }

    /// Those in `$XDG_CONFIG_HOME/tailwater`, or `~/.config/tailwater`. `None`: there is no home.
    pub fn of_this_user() -> Option<Logins> {
        let place = |variable| std::env::var_os(variable).filter(|path| !path.is_empty());
        let home = || Some(PathBuf::from(place("HOME")?).join(".config"));
        let directory = place("XDG_CONFIG_HOME").map(PathBuf::from).or_else(home)?;
        Some(Logins { directory: directory.join("tailwater") })
    }

    /// What is kept, the newest sign-in first; nothing where there is no file.
    ///
    /// # Errors
    /// A file that cannot be read, or is not ours.
    pub fn read(&self) -> io::Result<Vec<Login>> {
        match std::fs::read(self.file()) {
            Ok(json) => Ok(serde_json::from_slice(&json)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Waits for other processes to be done with the file, and keeps them from it.
    ///
    /// # Errors
    /// A directory that cannot be written.
    pub async fn lock(&self) -> io::Result<Locked> {
        let logins = self.clone();
        let locked = tokio::task::spawn_blocking(move || {
            DirBuilder::new().recursive(true).mode(0o700).create(&logins.directory)?;
            let lock = private(&logins.directory.join("login.lock"))?;
            lock.lock()?;
            Ok(Locked { logins, _lock: lock })
        });
        locked.await.map_err(io::Error::other)?
    }

    /// The file, for people.
    pub fn file(&self) -> PathBuf {
        self.directory.join("login.json")
    }
}

/// The sign-ins while no other process changes them.
pub struct Locked {
    logins: Logins,
    _lock: File,
}

impl Locked {
    /// What is kept.
    ///
    /// # Errors
    /// As [`Logins::read`].
    pub fn read(&self) -> io::Result<Vec<Login>> {
        self.logins.read()
    }

    /// Keeps these, in place of what was kept: all of them or, after a crash, what was there.
    ///
    /// # Errors
    /// A directory that cannot be written.
    pub fn write(&self, logins: &[Login]) -> io::Result<()> {
        let new = self.logins.directory.join("login.json.new");
        let mut file = private(&new)?;
        file.set_len(0)?;
        file.write_all(&serde_json::to_vec_pretty(logins)?)?;
        file.sync_all()?;
        std::fs::rename(new, self.logins.file())
    }
}

/// Opens a file that only its owner can read, made when it is missing.
fn private(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)
}

/// URLs as JSON.
mod as_text {
    use reqwest::Url;
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub fn serialize<S: Serializer>(url: &Url, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(url.as_str())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Url, D::Error> {
        Url::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn login(username: &str) -> Login {
        Login {
            url: Url::parse("http://a:8000").unwrap(),
            username: username.to_owned(),
            refresh_token: "r".repeat(43),
        }
    }

    fn names(logins: &[Login]) -> Vec<&str> {
        logins.iter().map(|login| login.username.as_str()).collect()
    }

    #[tokio::test]
    async fn what_is_kept_is_read_again_and_nobody_elses_to_read() {
        let place = tempfile::tempdir().unwrap();
        let logins = Logins::in_directory(&place.path().join("config/tailwater"));
        assert!(logins.read().unwrap().is_empty());
        let locked = logins.lock().await.unwrap();
        locked.write(&[login("ada"), login("a much longer name")]).unwrap();
        locked.write(&[login("grace")]).unwrap();
        assert_eq!(names(&locked.read().unwrap()), ["grace"]);
        for path in [logins.file(), logins.directory.clone()] {
            let mode = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "{}", path.display());
        }
    }

    #[tokio::test]
    async fn processes_take_turns() {
        let place = tempfile::tempdir().unwrap();
        let logins = Logins::in_directory(place.path());
        let tasks = (0..8).map(|n| {
            let logins = logins.clone();
            async move {
                let locked = logins.lock().await.unwrap();
                let mut kept = locked.read().unwrap();
                tokio::task::yield_now().await;
                kept.push(login(&n.to_string()));
                locked.write(&kept).unwrap();
            }
        });
        futures_util::future::join_all(tasks).await;
        assert_eq!(logins.read().unwrap().len(), 8);
    }
}
