//! The rules of the house: what the text of the repository itself must keep to.

mod deployment;
mod imports;
mod packaging;
mod text;

use std::fs;
use std::path::{Path, PathBuf};

/// The root of the repository.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A text file of the repository.
struct File {
    /// From the root, with `/` on every system.
    path: String,
    text: String,
}

/// Every text file below a directory of the repository (`""`: all of it), sorted by path. What is
/// built, installed or kept by a running Tailwater is left out.
fn files(below: &str) -> Vec<File> {
    let mut found = Vec::new();
    let mut directories = vec![root().join(below)];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(&directory).expect("the directory can be read") {
            let entry = entry.expect("the directory can be read");
            let path = entry.path();
            let kind = entry.file_type().expect("the entry has a type");
            if kind.is_dir() && is_ours(&path) {
                directories.push(path);
            } else if kind.is_file()
                && !path.ends_with(".git")
                && let Ok(text) = fs::read_to_string(&path)
            {
                found.push(File { path: from_root(&path), text });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// Whether a directory holds sources of ours.
fn is_ours(directory: &Path) -> bool {
    let name = directory.file_name().unwrap_or_default().to_string_lossy();
    let built = matches!(&*name, "target" | "node_modules" | "dist");
    !built && (!name.starts_with('.') || name == ".ci")
}

fn from_root(path: &Path) -> String {
    let inside = path.strip_prefix(root()).expect("the path lies in the repository");
    inside.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
}

fn read(path: &str) -> String {
    let path: PathBuf = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Fails with every violation, one a line.
#[track_caller]
fn assert_none(rule: &str, violations: &[String]) {
    assert!(violations.is_empty(), "{rule}\n  {}\n", violations.join("\n  "));
}
