//! rsyslog with its Postgres output as the subject, for comparison: an in-memory queue, batches of
//! up to 1,024 lines, the fields we store too.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use tempfile::TempDir;

use crate::load::Transport;
use crate::servers::{DATABASE, Postgres, Process, free_port};
use crate::service::{Progress, Service};
use crate::usage::Root;

const PROGRAM: &str = "/usr/sbin/rsyslogd";

/// A running rsyslogd and its database.
pub struct Rsyslog {
    process: Process,
    port: u16,
    postgres: Postgres,
    /// When it was last asked how far it is, and what it said.
    asked: (Instant, Progress),
    _directory: TempDir,
}

/// How often the database is asked: each time is a connection.
const ASK_EVERY: Duration = Duration::from_secs(1);

/// Whether rsyslogd is here with `ompgsql`.
pub fn is_installed() -> bool {
    let libraries = fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    Path::new(PROGRAM).exists()
        && libraries.map(|entry| entry.path()).any(|path| path.join("rsyslog/ompgsql.so").exists())
}

impl Rsyslog {
    pub fn start() -> Self {
        let postgres = Postgres::start();
        let table = "create table log (id bigserial primary key, timestamp timestamptz, \
                     received_at timestamptz, severity smallint, facility smallint, host text, \
                     app text, procid text, msgid text, message text, attributes text)";
        postgres.psql(DATABASE, table).expect("the table is made");

        let directory = TempDir::with_prefix("tailwater-bench-").expect("a directory");
        let port = free_port();
        let configuration = directory.path().join("rsyslog.conf");
        let text = configure(port, postgres.port, directory.path());
        fs::write(&configuration, text).expect("the configuration is written");
        let mut command = Command::new(PROGRAM);
        command.args(["-n", "-f"]).arg(&configuration);
        command.arg("-i").arg(directory.path().join("pid")).stderr(Stdio::inherit());
        let mut process = Process::start("rsyslog", &mut command, Signal::SIGTERM);
        process.wait_for_port(port);
        let asked = (Instant::now(), Progress::default());
        Rsyslog { process, port, postgres, asked, _directory: directory }
    }

    fn count(&self, statement: &str) -> u64 {
        let answer = self.postgres.psql(DATABASE, statement);
        answer.and_then(|answer| answer.parse().ok()).unwrap_or(0)
    }
}

fn configure(port: u16, database_port: u16, directory: &Path) -> String {
    let directory = directory.display();
    format!(
        r#"
global(workDirectory="{directory}" maxMessageSize="64k")
module(load="imudp")
module(load="imtcp")
module(load="ompgsql")
template(name="row" type="string" option.stdsql="on" string="insert into log (timestamp, received_at, severity, facility, host, app, procid, msgid, message, attributes) values ('%timereported:::date-rfc3339%', '%timegenerated:::date-rfc3339%', %syslogseverity%, %syslogfacility%, '%hostname%', '%app-name%', '%procid%', '%msgid%', '%msg%', '%structured-data%')")
input(type="imudp" address="127.0.0.1" port="{port}" rcvbufSize="4m" ruleset="store")
input(type="imtcp" address="127.0.0.1" port="{port}" ruleset="store")
ruleset(name="store") {{
  action(type="ompgsql" server="127.0.0.1" port="{database_port}" user="{DATABASE}" pass="" db="{DATABASE}"
         template="row" queue.type="LinkedList" queue.size="2000000" queue.dequeueBatchSize="1024"
         queue.timeoutShutdown="1000" queue.timeoutActionCompletion="1000")
}}
"#
    )
}

impl Service for Rsyslog {
    fn address(&self, _: Transport) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    fn roots(&self) -> Vec<Root> {
        vec![self.process.root(), self.postgres.process.root()]
    }

    /// From the server's statistics: counting rows would cost more than storing them.
    fn progress(&mut self) -> Progress {
        if self.asked.0.elapsed() >= ASK_EVERY {
            let question = "select n_tup_ins from pg_stat_user_tables where relname = 'log'";
            let stored = self.count(question);
            self.asked = (Instant::now(), Progress { stored, settled: stored });
        }
        self.asked.1
    }

    fn stored(&mut self) -> u64 {
        self.count("select count(*) from log")
    }
}
