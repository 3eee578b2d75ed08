//! What every text of the repository keeps to: files of a size to hold in the head, commands that
//! exist, nothing that is true on one machine only.

use std::collections::BTreeSet;

use super::{File, assert_none, files, read};

/// The longest a source file may be, in lines. A few hundred is what we aim at.
const LONGEST: usize = 600;

/// What marks a file as generated, near its top.
const GENERATED: &str = concat!("@", "generated");

fn is_source(file: &File) -> bool {
    let extension = file.path.rsplit_once('.').map(|(_, extension)| extension);
    matches!(extension, Some("rs" | "ts" | "tsx" | "css" | "sh"))
        || file.path.starts_with("scripts/")
}

fn is_generated(file: &File) -> bool {
    file.text.lines().take(5).any(|line| line.contains(GENERATED))
}

#[test]
fn source_files_are_short_enough_to_hold_in_the_head() {
    let violations: Vec<String> = files("")
        .iter()
        .filter(|file| is_source(file) && !is_generated(file))
        .map(|file| (&file.path, file.text.lines().count()))
        .filter(|(_, lines)| *lines > LONGEST)
        .map(|(path, lines)| format!("{path}: {lines} lines"))
        .collect();
    assert_none(&format!("Files over {LONGEST} lines, to be split by idea:"), &violations);
}

/// The targets that `make help` lists: those with a text.
fn targets(makefile: &str) -> BTreeSet<&str> {
    makefile
        .lines()
        .filter(|line| line.contains(":") && line.contains("## ") && !line.starts_with(['\t', '#']))
        .filter_map(|line| line.split(':').next())
        .collect()
}

/// The targets that a text tells its reader to make: in code, `make` begins a command.
fn told(markdown: &str) -> Vec<(usize, &str)> {
    let mut told = Vec::new();
    let mut in_block = false;
    for (number, line) in (1..).zip(markdown.lines()) {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
        } else if in_block {
            told.extend(
                made(line.trim_start().trim_start_matches("$ ")).map(|name| (number, name)),
            );
        } else {
            let code = line.split('`').skip(1).step_by(2);
            told.extend(code.filter_map(made).map(|name| (number, name)));
        }
    }
    told
}

/// The target of a command, when it is a call of make that names one.
fn made(command: &str) -> Option<&str> {
    command.strip_prefix("make ")?.split_whitespace().find(|word| !word.contains('='))
}

#[test]
fn every_make_target_in_the_documents_exists() {
    let makefile = read("Makefile");
    let targets = targets(&makefile);
    let documents = files("");
    let violations: Vec<String> = documents
        .iter()
        .filter(|file| file.path.ends_with(".md"))
        .flat_map(|file| told(&file.text).into_iter().map(move |(line, name)| (file, line, name)))
        .filter(|(_, _, name)| !targets.contains(name))
        .map(|(file, line, name)| format!("{}:{line}: make {name}", file.path))
        .collect();
    assert_none("Not a target of `make help`:", &violations);
    assert!(targets.is_superset(&["run", "up", "test", "check", "bench", "help"].into()));
}

#[test]
fn every_make_target_is_explained() {
    let makefile = read("Makefile");
    let phony: BTreeSet<&str> = makefile
        .lines()
        .filter_map(|line| line.strip_prefix(".PHONY:"))
        .flat_map(str::split_whitespace)
        .collect();
    assert_eq!(phony, targets(&makefile), ".PHONY (left) and what has a `## text` (right) differ");
}

#[test]
fn a_command_in_a_document_is_found_in_prose_and_in_blocks() {
    let text = "Do `make run`, or `make bench BENCH=x`; we make it `make ARGS=1 up`.\n```\n$ make test\nmake\n```\nmake no\n";
    assert_eq!(told(text), [(1, "run"), (1, "bench"), (1, "up"), (3, "test")]);
}

/// Places of one machine: a build's directories and the hosts packages come from. Which registry a
/// package is fetched from is the business of the machine that fetches it.
const PLACES: &[&str] = &[
    concat!("/", "work/"),
    concat!("/", "root/"),
    concat!("/", "tmp/wt"),
    concat!("index.", "crates.io"),
    concat!("static.", "crates.io"),
    concat!("crates.io", "-index"),
    concat!("registry.", "npmjs.org"),
    concat!("registry.", "yarnpkg.com"),
    concat!("pypi", ".org"),
    concat!("files.", "pythonhosted.org"),
    concat!("deb.", "debian.org"),
    concat!("proxy.", "golang.org"),
];

/// How Cargo.lock names where a crate comes from, on every machine.
const CARGO_SOURCE: &str =
    concat!("source = \"registry+https://github.com/rust-lang/crates.io", "-index\"");

#[test]
fn nothing_names_a_place_of_one_machine() {
    let mut violations = Vec::new();
    for file in files("") {
        for (number, line) in (1..).zip(file.text.lines()) {
            let places = PLACES.iter().filter(|place| line.contains(*place));
            let canonical = file.path.ends_with("Cargo.lock") && line == CARGO_SOURCE;
            violations.extend(
                places
                    .filter(|_| !canonical)
                    .map(|place| format!("{}:{number}: {place}", file.path)),
            );
        }
    }
    assert_none("Places that exist on one machine only:", &violations);
}
