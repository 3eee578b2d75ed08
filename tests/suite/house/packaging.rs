//! The systemd unit and the Debian package say the same as the program and as each other.

use std::process::{Command, Output};
use std::time::Duration;

use super::{read, root};

const UNIT: &str = "packaging/tailwater.service";

/// What `systemd-analyze security` may say of the unit at most: its scale is 0 to 10, where a unit
/// without any hardening has 9.6.
const EXPOSURE: &str = "20"; // in tenths

/// The value of a key that the unit has once.
fn value(key: &str) -> String {
    let unit = read(UNIT);
    let values: Vec<&str> =
        unit.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix('=')).collect();
    let [value] = values[..] else { panic!("{key} stands there {} times", values.len()) };
    value.to_owned()
}

/// The default of a setting.
fn default(key: &str) -> &'static str {
    let settings = tailwater::config::SETTINGS;
    settings.iter().find(|setting| setting.key == key).expect("there is such a setting").default
}

fn count(key: &str) -> u64 {
    default(key).parse().expect("a number")
}

fn package() -> toml::Table {
    let manifest: toml::Table = read("Cargo.toml").parse().expect("a manifest");
    manifest["package"]["metadata"]["deb"].as_table().expect("the Debian package").clone()
}

/// What goes into the package: from where, to where, with which mode.
fn assets() -> Vec<[String; 3]> {
    let assets = package()["assets"].clone();
    let text = |value: &toml::Value| value.as_str().expect("text").to_owned();
    let asset = |asset: &toml::Value| [0, 1, 2].map(|n| text(&asset[n]));
    assets.as_array().expect("a list").iter().map(asset).collect()
}

#[test]
fn the_unit_starts_what_the_package_installs() {
    let command = value("ExecStart");
    let words: Vec<&str> = command.split_whitespace().collect();
    assert_eq!(words, ["/usr/bin/tailwater", "serve", "--config", "/etc/tailwater/tailwater.toml"]);
    let assets = assets();
    let installed = |from: &str| {
        let [_, to, mode] = assets.iter().find(|[file, ..]| file == from).expect(from);
        (to.as_str(), mode.as_str())
    };
    assert_eq!(installed("target/release/tailwater"), ("usr/bin/", "755"));
    let configuration = ("etc/tailwater/tailwater.toml", "640");
    assert_eq!(installed("tailwater.example.toml"), configuration);
    assert_eq!(package()["conf-files"].as_array().expect("a list")[0].as_str(), Some(words[3]));
    for [file, ..] in assets.iter().filter(|[file, ..]| !file.starts_with("target/")) {
        assert!(root().join(file).is_file(), "{file}");
    }
}

#[test]
fn the_user_of_the_unit_is_made_and_owns_its_state() {
    let user = value("User");
    let made = read("packaging/tailwater.sysusers");
    assert!(made.starts_with(&format!("u {user} ")), "{made}");
    let state = format!("/var/lib/{}", value("StateDirectory"));
    assert_eq!(value("WorkingDirectory"), state);
    assert!(made.contains(&state), "{made}");
    assert!(read("packaging/debian/postinst").contains("systemd-sysusers tailwater.conf"));
}

#[test]
fn a_stop_has_the_time_that_the_settings_give_it() {
    let stop = Duration::from_secs(value("TimeoutStopSec").parse().expect("seconds"));
    let drain = humantime::parse_duration(default("shutdown-timeout")).expect("a time");
    // HTTP clients have some time of their own after that.
    assert!(stop >= drain + Duration::from_secs(15), "{stop:?} for {drain:?}");
}

#[test]
fn the_file_limit_is_enough_for_every_connection_that_is_taken() {
    let limit: u64 = value("LimitNOFILE").parse().expect("a number");
    let listeners = 2 * count("max-connections");
    let readers = count("max-http-connections") + count("max-sockets");
    assert!(limit >= listeners + readers + 1_000, "{limit}");
}

/// Asks systemd of the unit; `None` where there is no systemd to ask.
fn systemd_analyze(arguments: &[&str], unit: &std::path::Path) -> Option<Output> {
    match Command::new("systemd-analyze").args(arguments).arg(unit).output() {
        Ok(output) => Some(output),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            eprintln!("systemd-analyze is not installed: the unit is not looked at by systemd");
            None
        }
        Err(error) => panic!("systemd-analyze: {error}"),
    }
}

#[test]
fn systemd_understands_the_unit_and_finds_it_hardened() {
    // It looks for the executable, which is somewhere else here.
    let directory = tempfile::tempdir().unwrap();
    let unit = directory.path().join("tailwater.service");
    let text = read(UNIT).replace("/usr/bin/tailwater", env!("CARGO_BIN_EXE_tailwater"));
    std::fs::write(&unit, text).unwrap();
    let security = ["security", "--offline=true", "--threshold", EXPOSURE];
    for arguments in [&["verify", "--man=no"][..], &security] {
        let Some(output) = systemd_analyze(arguments, &unit) else { return };
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.is_empty(), "{arguments:?}\n{said}");
    }
}
