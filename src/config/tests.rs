use clap::Command;

use super::*;

fn read(arguments: &[&str]) -> Result<Config, ConfigErrors> {
    let command = Command::new("test").args(super::arguments(|_| true));
    let line = std::iter::once("test").chain(arguments.iter().copied());
    load(&command.try_get_matches_from(line).expect("the command line is well formed"))
}

fn problems(arguments: &[&str]) -> String {
    read(arguments).expect_err("the configuration is wrong").to_string()
}

fn file(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    file
}

#[test]
fn the_defaults_are_valid() {
    let config = read(&[]).unwrap();
    assert_eq!(config.udp, ["127.0.0.1:5140".parse().unwrap()]);
    assert_eq!(config.max_record_bytes, 256 << 10);
    assert!(config.nats_url.is_none());
}

#[test]
fn a_flag_beats_the_file_and_the_file_beats_the_default() {
    let file = file("tcp = '127.0.0.1:1'\nudp = ['127.0.0.1:2', '[::1]:3']\nbatch-max-rows = 7\n");
    let path = file.path().to_str().unwrap();
    let config = read(&["--config", path, "--tcp", "off"]).unwrap();
    assert!(config.tcp.is_empty());
    assert_eq!(config.udp.len(), 2);
    assert_eq!(config.batch_max_rows, 7);
}

#[test]
fn every_wrong_value_is_named_at_once_with_its_place() {
    let said =
        problems(&["--udp", "here", "--batch-max-delay", "soon", "--max-record-bytes", "9GiB"]);
    assert_eq!(said.lines().count(), 3, "{said}");
    assert!(said.contains("--udp: `here` is not an address with a port"), "{said}");
    assert!(said.contains("--batch-max-delay: `soon` is not a time"), "{said}");
    assert!(said.contains("--max-record-bytes: `9GiB` is more than 512.0 KiB"), "{said}");
}

#[test]
fn a_time_that_could_overflow_is_refused() {
    let said = problems(&["--idle-timeout", "500days", "--read-timeout", "25d"]);
    assert!(said.contains("--idle-timeout: `500days` is more than"), "{said}");
    assert!(said.contains("--read-timeout: `25d` is more than 1day"), "{said}");
}

#[test]
fn an_unknown_key_of_the_file_is_named_and_mended() {
    let file = file("batch_max_rows = 5\n");
    let said = problems(&["--config", file.path().to_str().unwrap()]);
    assert!(
        said.contains("unknown key `batch_max_rows`; did you mean `batch-max-rows`?"),
        "{said}"
    );
}

#[test]
fn a_file_that_is_not_toml_is_named_with_the_line() {
    let file = file("udp = 'off'\nhttp = = 3\n");
    let said = problems(&["--config", file.path().to_str().unwrap()]);
    assert!(said.contains("line 2: "), "{said}");
}

#[test]
fn a_password_is_never_repeated() {
    let url = "mysql://root:hunter2@localhost/db";
    let said = problems(&["--database-url", url]);
    assert!(said.contains("--database-url: the value does not begin with sqlite://"), "{said}");
    let config = read(&["--database-url", "postgres://root:hunter2@localhost/db"]).unwrap();
    assert!(!format!("{said}{config:?}").contains("hunter2"));
}
