//! Arrows between modules go one way (ARCHITECTURE.md). Every path from one top-level module into
//! another is found in the tokens of the source, so comments, strings, groups of imports and
//! macros are read as the compiler reads them.

use std::collections::BTreeSet;
use std::iter::Peekable;

use proc_macro2::{Delimiter, TokenStream, TokenTree, token_stream};

use super::{assert_none, files};

/// The words and the figures that every module but these may use.
const COMMON: &[&str] = &["log", "user", "telemetry"];

/// What each top-level module may use beside itself and [`COMMON`]; `*` is everything below.
const ARROWS: &[(&str, &[&str])] = &[
    ("main", &["app", "config", "client"]),
    ("app", &["*"]),
    ("config", &[]),
    ("http", &["accept", "api", "auth", "tls"]),
    ("api", &["store", "live", "filter", "auth"]),
    ("output", &["store", "live"]),
    ("writer", &["parse", "queue", "store", "live"]),
    ("live", &["store", "filter"]),
    ("auth", &["store"]),
    ("store", &["filter"]),
    ("ingest", &["accept", "queue", "tls"]),
    ("parse", &["queue"]),
    ("queue", &[]),
    ("filter", &[]),
    ("client", &["filter"]),
    ("fuzzing", &["api", "filter", "ingest", "parse", "queue", "store"]),
    ("telemetry", &[]),
    ("accept", &[]),
    ("tls", &[]),
    ("user", &["log"]),
    ("log", &[]),
];

fn arrows(module: &str) -> Option<&'static [&'static str]> {
    ARROWS.iter().find(|(from, _)| *from == module).map(|(_, to)| *to)
}

fn may_use(from: &str, to: &str) -> bool {
    let Some(allowed) = arrows(from) else { return false };
    from == to
        || (allowed.contains(&"*") && to != "main")
        || allowed.contains(&to)
        || (COMMON.contains(&to) && !COMMON.contains(&from))
}

/// A line that names a top-level module.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Use {
    line: usize,
    /// `*` when a path takes everything at the root.
    module: String,
}

/// Where a file stands: its top-level module, and how many modules it is below the root.
struct Place {
    module: String,
    depth: usize,
}

/// The place of a file of `src/`, by its path. `None` for the root of the library.
fn place(path: &str) -> Option<Place> {
    let path = path.strip_prefix("src/")?.strip_suffix(".rs")?;
    let parts: Vec<&str> = path.strip_suffix("/mod").unwrap_or(path).split('/').collect();
    match parts[..] {
        ["lib"] => None,
        // The root of its own crate: `crate::` and `tailwater::` both start there.
        ["main"] => Some(Place { module: "main".into(), depth: 0 }),
        _ => Some(Place { module: parts[0].into(), depth: parts.len() }),
    }
}

/// Every top-level module that a source names.
fn uses(source: &str, depth: usize) -> Result<BTreeSet<Use>, String> {
    let tokens: TokenStream = source.parse().map_err(|error| format!("not Rust: {error}"))?;
    let mut found = BTreeSet::new();
    collect(tokens, depth, &mut found);
    Ok(found)
}

type Tokens = Peekable<token_stream::IntoIter>;

/// Looks for paths in tokens that stand `depth` modules below the root.
fn collect(tokens: TokenStream, depth: usize, found: &mut BTreeSet<Use>) {
    let mut tokens: Tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Group(group) => collect(group.stream(), depth, found),
            TokenTree::Ident(word) if word == "mod" => {
                tokens.next_if(|token| matches!(token, TokenTree::Ident(_)));
                if let Some(TokenTree::Group(body)) = tokens.next_if(is_block) {
                    collect(body.stream(), depth + 1, found);
                }
            }
            TokenTree::Ident(word) => {
                if let Some(start) = start(&word.to_string(), depth)
                    && skip_colons(&mut tokens)
                {
                    follow(&mut tokens, start, found);
                }
            }
            _ => {}
        }
    }
}

/// How far below the root a path starts whose first word this is, within a module `depth` below.
fn start(word: &str, depth: usize) -> Option<usize> {
    match word {
        "crate" | "tailwater" => Some(0),
        "super" => Some(depth.saturating_sub(1)),
        _ => None,
    }
}

/// Reads the rest of a path that has come to a module `depth` below the root: at the root, the
/// next name is a top-level module.
fn follow(tokens: &mut Tokens, depth: usize, found: &mut BTreeSet<Use>) {
    let Some(token) = tokens.next() else { return };
    let line = token.span().start().line;
    match token {
        TokenTree::Ident(word) if word == "super" && skip_colons(tokens) => {
            follow(tokens, depth.saturating_sub(1), found);
        }
        TokenTree::Group(group) => {
            let mut branches: Tokens = group.stream().into_iter().peekable();
            while branches.peek().is_some() {
                follow(&mut branches, depth, found);
                while branches.next_if(|token| !is_punct(token, ',')).is_some() {}
                branches.next();
            }
        }
        name if depth == 0 => {
            found.insert(Use { line, module: name.to_string() });
        }
        _ => {}
    }
}

fn skip_colons(tokens: &mut Tokens) -> bool {
    let mut colon = || tokens.next_if(|token| is_punct(token, ':')).is_some();
    colon() && colon()
}

fn is_punct(token: &TokenTree, sign: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign)
}

fn is_block(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
}

/// Every forbidden path of a file, as `file:line: …`.
fn violations(path: &str, source: &str) -> Vec<String> {
    let Some(Place { module, depth }) = place(path) else { return Vec::new() };
    let Some(allowed) = arrows(&module) else {
        return vec![format!("{path}: `{module}` has no rule: say in ARROWS what it may use")];
    };
    let uses = match uses(source, depth) {
        Ok(uses) => uses,
        Err(error) => return vec![format!("{path}: {error}")],
    };
    uses.iter()
        .filter(|used| !may_use(&module, &used.module))
        .map(|Use { line, module: used }| {
            format!(
                "{path}:{line}: `{module}` may not use `{used}`, only {allowed:?} and {COMMON:?}"
            )
        })
        .collect()
}

#[test]
fn modules_use_only_what_the_arrows_allow() {
    let sources = files("src");
    let violations: Vec<String> = sources
        .iter()
        .filter(|file| file.path.ends_with(".rs"))
        .flat_map(|file| violations(&file.path, &file.text))
        .collect();
    assert_none("Arrows between modules go one way:", &violations);
    assert!(sources.iter().any(|file| file.path == "src/lib.rs"), "the sources were read");
}

#[test]
fn the_arrows_make_no_circle() {
    let mut left: BTreeSet<&str> = ARROWS.iter().map(|(module, _)| *module).collect();
    while !left.is_empty() {
        let free: Vec<&str> = left
            .iter()
            .filter(|from| left.iter().all(|to| from == &to || !may_use(from, to)))
            .copied()
            .collect();
        assert!(!free.is_empty(), "each of these uses another of them: {left:?}");
        left.retain(|module| !free.contains(module));
    }
}

#[test]
fn a_forbidden_path_is_found_in_every_form() {
    for source in [
        "use crate::api;",
        "use crate::api::Schema;",
        "use crate::{log::Log, api::{Schema, types}};",
        "use crate::{\n log::{Log, now}, api,\n};",
        "use super::super::api;",
        "use super::{super::api, frame};",
        "mod tests { use super::super::super::api; }",
        "fn f() -> crate::api::Schema { todo!() }",
        "fn f() { println!(\"{}\", crate::api::NAME); }",
        "macro_rules! m { () => { $crate::api::f() } }",
        "fn f(x: Vec<crate::log::Log>) -> Option<crate::api::Schema> { None }",
        "use crate::*;",
        "use crate::{log, *};",
    ] {
        let found = violations("src/queue/frame.rs", source);
        assert_eq!(found.len(), 1, "{source}: {found:?}");
        assert!(found[0].starts_with("src/queue/frame.rs:"), "{found:?}");
    }
}

#[test]
fn what_is_allowed_or_only_looks_like_a_path_is_let_through() {
    for source in [
        "use crate::log::Log; use crate::telemetry::Figures; use crate::queue::Frame;",
        "// use crate::api;",
        "/* use crate::api; */ /// crate::api\nfn f() {}",
        "const S: &str = \"crate::api\"; const R: &str = r#\"use crate::api;\"#;",
        "use super::api; mod tests { use super::super::api; use super::*; }",
        "pub(crate) mod api { pub(super) fn f() {} }",
        "use crate::queue::{api, frame::{Frame, api as b}};",
    ] {
        assert_eq!(violations("src/queue/frame.rs", source), Vec::<String>::new(), "{source}");
    }
}

#[test]
fn a_violation_names_its_line() {
    let found = violations("src/store/mod.rs", "\nuse crate::filter::Filter;\nuse crate::api;");
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("src/store/mod.rs:3: `store` may not use `api`"), "{found:?}");
}

#[test]
fn only_main_and_app_see_the_configuration() {
    assert!(violations("src/main.rs", "use tailwater::{app, config::Config};").is_empty());
    assert!(violations("src/app.rs", "use crate::config::Config;").is_empty());
    assert_eq!(violations("src/api/mod.rs", "use crate::config::Config;").len(), 1);
}

#[test]
fn a_module_without_a_rule_is_refused() {
    assert_eq!(violations("src/novelty.rs", "").len(), 1);
}
