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
    assert!(said.contains("--udp: `here` is not an IP address with a port"), "{said}");
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

/// A file with this text, whose path goes after an option.
fn holding(text: &str) -> (tempfile::NamedTempFile, String) {
    let file = file(text);
    let path = file.path().to_str().unwrap().to_owned();
    (file, path)
}

const KEY: &str = "0123456789abcdef0123456789abcdef";

#[test]
fn nobody_is_let_in_from_elsewhere_unless_told() {
    let config = read(&[]).unwrap();
    assert!(config.admin_password.is_none() && config.jwt_secrets.is_empty());
    assert!(config.cors_origins.is_empty() && config.trusted_proxies.is_empty());
    assert!(config.tls.is_empty() && config.tls_files.is_none());
    assert_eq!(config.introspection, Introspection::SignedIn);
}

#[test]
fn a_secret_is_read_from_a_file_without_its_last_line_break() {
    let (_file, path) = holding(" two words \r\n");
    let config = read(&["--admin-password-file", &path]).unwrap();
    assert_eq!(config.admin_password.unwrap().expose_secret(), " two words ");
    let (_file, path) = holding(&format!("{KEY}, {KEY}x\n"));
    let keys = read(&["--jwt-secret-file", &path]).unwrap().jwt_secrets;
    let keys: Vec<_> = keys.iter().map(|key| key.expose_secret()).collect();
    assert_eq!(keys, [KEY, &format!("{KEY}x")]);
}

#[test]
fn a_secret_and_a_file_with_it_are_not_taken_together() {
    let (_file, path) = holding(KEY);
    let said = problems(&["--jwt-secret", KEY, "--jwt-secret-file", &path]);
    assert!(said.contains("--jwt-secret-file: "), "{said}");
    assert!(said.contains("is given beside jwt-secret") && !said.contains(KEY), "{said}");
}

#[test]
fn what_is_wrong_with_a_secret_is_said_without_it() {
    let said = problems(&[
        "--admin-password",
        "sésame!",
        "--jwt-secret",
        &format!("{KEY},short"),
        "--tls-key",
        "key.pem",
        "--tls",
        "[::]:6514",
    ]);
    assert_eq!(said.lines().count(), 4, "{said}");
    assert!(said.contains("--admin-password: the value does not give 8 to 256 char"), "{said}");
    assert!(said.contains("--jwt-secret: the value does not give at least 32 bytes"), "{said}");
    assert!(said.contains("--tls-key: `key.pem` needs --tls-cert as well"), "{said}");
    assert!(said.contains("--tls: `[::]:6514` needs --tls-cert and --tls-key"), "{said}");
    assert!(!said.contains("sésame!") && !said.contains("short"), "{said}");
    let said = problems(&["--admin-password-file", "/nowhere/password"]);
    assert!(said.contains("`/nowhere/password` cannot be read: No such file"), "{said}");
}

#[test]
fn a_certificate_opens_the_port_for_syslog_over_tls() {
    let files = ["--tls-cert", "cert.pem", "--tls-key", "key.pem"];
    let config = read(&files).unwrap();
    assert_eq!(config.tls, ["127.0.0.1:6514".parse().unwrap()]);
    let config = read(&[&files[..], &["--tls", "off"]].concat()).unwrap();
    assert!(config.tls.is_empty());
    assert_eq!(config.tls_files, Some(("cert.pem".into(), "key.pem".into())));
}

#[test]
fn origins_are_kept_as_browsers_write_them() {
    let config = read(&[
        "--public-url",
        "https://Logs.Example:443/",
        "--cors-origin",
        "http://localhost:3000, https://a.example",
    ])
    .unwrap();
    assert_eq!(config.public_url.as_deref(), Some("https://logs.example"));
    assert_eq!(config.cors_origins, ["http://localhost:3000", "https://a.example"]);
    for wrong in ["logs.example", "https://a/path", "https://a/?q", "ftp://a", "https://u@a"] {
        let said = problems(&["--public-url", wrong, "--cors-origin", wrong]);
        assert!(said.contains("--public-url: ") && said.contains("--cors-origin: "), "{said}");
    }
    assert!(problems(&["--cors-origin", "*"]).contains("is not a list of origins"));
}

#[test]
fn proxies_are_networks_or_addresses() {
    let config = read(&["--trusted-proxies", "10.0.0.0/8, 192.0.2.1,::1"]).unwrap();
    let shown: Vec<_> = config.trusted_proxies.iter().map(|net| net.to_string()).collect();
    assert_eq!(shown, ["10.0.0.0/8", "192.0.2.1/32", "::1/128"]);
    assert!(problems(&["--trusted-proxies", "10.0.0.0/33"]).contains("is not a list of addresses"));
}
