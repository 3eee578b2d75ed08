//! A real `tailwater send`, `tail` or `search`, with its output and its end in the test's hands.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::PATIENCE;
use super::visitor::Visitor;

/// A running client; killed when dropped.
pub struct Client {
    child: Child,
    /// Its stdin; dropping it is the end of the input.
    pub stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    complaints: Option<std::thread::JoinHandle<String>>,
}

/// How a client ended.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    /// What it wrote on stdout and was not read before.
    pub stdout: Vec<String>,
    pub stderr: String,
}

impl Client {
    /// Starts `tailwater` with these arguments, in UTC and without variables of ours.
    pub fn start<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Client {
        Client::spawn(arguments, &[])
    }

    /// The same, with this visitor's token in `TAILWATER_TOKEN`.
    pub fn start_as<'a>(visitor: &Visitor, arguments: impl IntoIterator<Item = &'a str>) -> Client {
        let token = visitor.token.as_deref().expect("the visitor has signed in");
        Client::spawn(arguments, &[("TAILWATER_TOKEN", token)])
    }

    fn spawn<'a>(
        arguments: impl IntoIterator<Item = &'a str>,
        variables: &[(&str, &str)],
    ) -> Client {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tailwater"));
        command.args(arguments).env("TZ", "UTC");
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("TAILWATER_")) {
            command.env_remove(name);
        }
        command.envs(variables.iter().copied());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the tailwater binary starts");
        let (sender, lines) = mpsc::channel();
        let stdout = child.stdout.take().expect("stdout is piped");
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let mut stderr = child.stderr.take().expect("stderr is piped");
        let complaints = std::thread::spawn(move || {
            let mut text = String::new();
            stderr.read_to_string(&mut text).expect("stderr is text");
            text
        });
        Client { stdin: child.stdin.take(), child, lines, complaints: Some(complaints) }
    }

    /// Writes to its stdin.
    pub fn write(&mut self, text: &str) {
        let stdin = self.stdin.as_mut().expect("stdin is open");
        stdin.write_all(text.as_bytes()).expect("it can be written");
    }

    /// The next line of its stdout.
    pub fn line(&mut self) -> String {
        match self.lines.recv_timeout(PATIENCE) {
            Ok(line) => line,
            Err(_) => panic!("it says nothing more"),
        }
    }

    /// Ctrl-C.
    pub fn interrupt(&self) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).expect("a pid"));
        kill(pid, Signal::SIGINT).expect("the process can be interrupted");
    }

    /// Ends its input and waits for its end.
    pub fn ended(mut self) -> Ended {
        drop(self.stdin.take());
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("the process can be waited for") {
                break status;
            }
            assert!(Instant::now() < deadline, "it did not end");
            std::thread::sleep(Duration::from_millis(5));
        };
        let complaints = self.complaints.take().expect("it ends once");
        Ended {
            code: status.code(),
            stdout: self.lines.iter().collect(),
            stderr: complaints.join().expect("stderr could be read"),
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a client to its end.
pub fn run<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Ended {
    Client::start(arguments).ended()
}

/// The same, with this visitor's token.
pub fn run_as<'a>(visitor: &Visitor, arguments: impl IntoIterator<Item = &'a str>) -> Ended {
    Client::start_as(visitor, arguments).ended()
}
