//! The file system of the container image (`scripts/image-root`): it holds what the executable needs
//! and nothing else, and the executable runs in it as a user of its own.

use std::collections::BTreeSet;
use std::fs::Permissions;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::until;

/// The user of the image.
const USER: u32 = 10_001;

/// Lays it out, as the Dockerfile does.
fn image() -> tempfile::TempDir {
    let root = tempfile::tempdir().expect("a directory");
    let made = Command::new("scripts/image-root")
        .arg(env!("CARGO_BIN_EXE_tailwater"))
        .arg(root.path())
        .output()
        .expect("the script runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    root
}

/// Every file below a directory, from there.
fn files(root: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut directories = vec![root.to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(directory).expect("it can be read") {
            let path = entry.expect("it can be read").path();
            if path.is_dir() {
                directories.push(path);
            } else {
                let inside = path.strip_prefix(root).expect("it lies below");
                found.insert(inside.display().to_string());
            }
        }
    }
    found
}

#[test]
fn it_holds_the_executable_the_c_library_and_whom_to_trust() {
    let image = image();
    let (libraries, others): (BTreeSet<_>, BTreeSet<_>) =
        files(image.path()).into_iter().partition(|path| path.contains(".so"));
    let name = |path: &String| path.rsplit('/').next().expect("a name").to_owned();
    let libraries: BTreeSet<String> = libraries.iter().map(name).collect();
    // The loader, which is called after the processor.
    let (loader, libraries): (Vec<_>, Vec<_>) =
        libraries.into_iter().partition(|name| name.starts_with("ld-linux"));
    assert_eq!(loader.len(), 1, "{loader:?}");
    assert_eq!(libraries, ["libc.so.6", "libgcc_s.so.1", "libm.so.6"]);
    let others: Vec<_> = others.into_iter().collect();
    let expected = [
        "etc/group",
        "etc/nsswitch.conf",
        "etc/passwd",
        "etc/ssl/certs/ca-certificates.crt",
        "usr/local/bin/tailwater",
    ];
    assert_eq!(others, expected);
}

/// A process in the image; killed when dropped.
struct Contained(Child);

impl Drop for Contained {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn we_are_root() -> bool {
    std::fs::metadata("/proc/self").expect("we are a process").uid() == 0
}

/// A command in the image, as its user. Only root may shut itself in; others become root of a
/// namespace of their own for that.
fn inside(image: &Path, arguments: &[&str]) -> Command {
    let mut command = if we_are_root() {
        let mut command = Command::new("chroot");
        command.arg(format!("--userspec={USER}:{USER}"));
        command
    } else {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "chroot"]);
        command
    };
    command.arg(image).arg("/usr/local/bin/tailwater").args(arguments);
    // Nothing of this machine but where `chroot` is.
    command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    command
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_executable_serves_in_it_as_a_user_of_its_own_and_knows_how_it_is() {
    let image = image();
    if we_are_root() {
        let home = image.path().join("var/lib/tailwater");
        chown(home, Some(USER), Some(USER)).expect("it can be given away");
        std::fs::set_permissions(image.path(), Permissions::from_mode(0o755)).expect("enter");
    }
    // As the engine writes it.
    std::fs::write(image.path().join("etc/hosts"), "127.0.0.1 tailwater.test\n").unwrap();
    let serve = ["serve", "--udp", "off", "--tcp", "127.0.0.1:0", "--http", "127.0.0.1:0"];
    let database = ["--database-url", "sqlite:///var/lib/tailwater/tailwater.db"];
    let child = inside(image.path(), &[&serve[..], &database].concat())
        .env("TAILWATER_ADMIN_PASSWORD", "only for tests")
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut server = Contained(child);
    let lines = BufReader::new(server.0.stdout.take().expect("stdout is piped")).lines();
    let listening = "listening http http://127.0.0.1:";
    let port =
        lines.map_while(Result::ok).find_map(|l| Some(l.strip_prefix(listening)?.to_owned()));
    let port = port.expect("it says where it listens");

    let healthy = |arguments: &[&str]| {
        let asked = inside(image.path(), arguments).output().expect("it runs");
        asked.status.success()
    };
    let own = format!("127.0.0.1:{port}");
    until(async || healthy(&["health", "--http", &own])).await;
    // Names are found as well.
    assert!(healthy(&["health", &format!("http://tailwater.test:{port}")]));
    assert!(image.path().join("var/lib/tailwater/tailwater.db").exists());

    let pid = Pid::from_raw(i32::try_from(server.0.id()).expect("a pid"));
    kill(pid, Signal::SIGTERM).expect("it can be told to stop");
    assert!(server.0.wait().expect("it ends").success());
}
