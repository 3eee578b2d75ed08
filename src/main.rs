//! The command line, nothing else.

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};
use tailwater::app::{self, App, Bound, Migration, Roles, StartError, accounts};
use tailwater::client::{ClientError, Outcome, export, health, login, search, send, stats, tail};
use tailwater::config::{self, ACCESS, PROCESS, QUEUE, READ, RECEIVE, STORE, Setting, WRITE};
use tailwater::telemetry::{OwnLog, supervisor};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Records are made of many small pieces of text, which it hands out and takes back cheaper than
/// the allocator of the system. Without huge pages: those hold on to a third more memory.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const HELP: &str = "\
Without a command it is `serve`, and takes every setting that `tailwater serve --help` shows.

Examples:
  tailwater                                    everything in one process, in ./tailwater.db
  tailwater --udp 0.0.0.0:5140 --tcp off       receive from other machines, datagrams only
  tailwater send --count 1000                  send it made-up lines
  tailwater tail 'severity>=warning'           follow what matters
  tailwater search --from -1h 'host:web-* -GET \"timed out\"'
  tailwater export --from 7d --output week.parquet

Exit codes: 0 all went well, 1 it failed and says why, 2 the command line is wrong.";

const SERVE_HELP: &str = "\
Examples:
  tailwater serve                              SQLite and a queue in memory, on 127.0.0.1
  tailwater serve --udp 0.0.0.0:5140,[::]:5140 --tcp 0.0.0.0:5140
  tailwater serve --database-url postgres://log@db/log --nats-url nats://queue:4222
";

const INGEST_HELP: &str = "\
Examples:
  tailwater ingest --nats-url nats://queue:4222 --udp 0.0.0.0:5140 --tcp 0.0.0.0:5140
";

const WORKER_HELP: &str = "\
One worker writes, the others stand by and take over when it ends.

Examples:
  tailwater worker --nats-url nats://queue:4222 --database-url postgres://log@db/log
";

const API_HELP: &str = "\
Examples:
  tailwater api --nats-url nats://queue:4222 --database-url postgres://log@db/log --http 0.0.0.0:8000
";

const MIGRATE_HELP: &str = "\
Examples:
  tailwater migrate status                     of ./tailwater.db
  tailwater migrate up --database-url postgres://log@db/log
  tailwater migrate restored                   after an older copy was put in place of ./tailwater.db
";

const RESTORED_HELP: &str = "\
The positions after the end of the copy are handed out again, to other records. So the log gets a
new id, by which a cursor of before is known and refused; sessions end; and with a --nats-url the
namespace is given to the new id, and what waits there is stored. Nothing may write meanwhile.
";

const HEALTH_HELP: &str = "\
Without a URL it asks the server that these settings start, at its own address; its certificate is
then taken as it is. For HEALTHCHECK of Docker, probes and scripts.

Exit codes: 0 every part is there, 1 one is not or nobody answers, 2 the command line is wrong.

Examples:
  tailwater health
  tailwater health https://logs.example.com
";

const SETTINGS_HELP: &str = "
Every option is also a variable (--http: TAILWATER_HTTP) and a key of the configuration file (http);
a flag beats a variable, a variable beats the file. `tailwater example-config` prints such a file.
Sizes: 64KiB, 16MiB, 1GiB. Times: 5ms, 10s, 15m, 24h. Passwords belong into a variable or the file.";

/// Stands for the settings of HTTP in a role that answers nothing but health and metrics.
const HEALTH: &str = "Health";
const HEALTH_KEYS: [&str; 7] = [
    "http",
    "max-http-connections",
    "max-http-connections-per-address",
    "header-timeout",
    "metrics-token",
    "tls-cert",
    "tls-key",
];

fn main() -> ExitCode {
    let matches = command().get_matches();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return fail(format!("cannot start: {error}")),
    };
    let code = runtime.block_on(run(&matches));
    // A blocking read of a terminal must not keep the process.
    runtime.shutdown_background();
    code
}

fn command() -> Command {
    let configured = |name: &'static str, sections: &'static [&'static str], help: &str| {
        let shown = |setting: &Setting| {
            sections.contains(&setting.section)
                || (sections.contains(&HEALTH) && HEALTH_KEYS.contains(&setting.key))
        };
        Command::new(name)
            .args(config::arguments(shown))
            .after_help(format!("{help}{SETTINGS_HELP}").trim_start().to_owned())
    };
    let serve: &[_] = &[RECEIVE, QUEUE, STORE, WRITE, READ, ACCESS, PROCESS];
    let first: &[_] = &["udp", "tcp", "http", "database-url", "nats-url"];
    Command::new("tailwater")
        .version(env!("CARGO_PKG_VERSION"))
        .about("A log server with a GraphQL face: syslog in, search and live tail out.")
        .after_help(HELP)
        .args_conflicts_with_subcommands(true)
        .args(
            config::arguments(|setting| first.contains(&setting.key))
                .into_iter()
                .map(|argument| argument.help_heading("Settings")),
        )
        .subcommand(
            configured("serve", serve, SERVE_HELP)
                .about("Run everything in one process (the default command)"),
        )
        .subcommand(
            configured("ingest", &[RECEIVE, QUEUE, HEALTH, PROCESS], INGEST_HELP)
                .about("Receive and queue only (needs --nats-url)"),
        )
        .subcommand(
            configured("worker", &[QUEUE, STORE, WRITE, HEALTH, PROCESS], WORKER_HELP)
                .about("Write the queue into the database only (needs --nats-url and Postgres)"),
        )
        .subcommand(
            configured("api", &[QUEUE, STORE, READ, ACCESS, PROCESS], API_HELP)
                .about("Answer queries and subscriptions only (needs --nats-url and Postgres)"),
        )
        .subcommand(send::SendArgs::augment_args(Command::new("send")))
        .subcommand(tail::TailArgs::augment_args(Command::new("tail")))
        .subcommand(search::SearchArgs::augment_args(Command::new("search")))
        .subcommand(export::ExportArgs::augment_args(Command::new("export")))
        .subcommand(stats::StatsArgs::augment_args(Command::new("stats")))
        .subcommand(login::LoginArgs::augment_args(Command::new("login")))
        .subcommand(login::LogoutArgs::augment_args(Command::new("logout")))
        .subcommand(
            Command::new("health")
                .about("Say whether a server has all that it needs (/readyz), by the exit code")
                .arg(Arg::new("url").value_name("URL").help("Where the server is"))
                .args(config::arguments(|setting| ["http", "tls-cert"].contains(&setting.key)))
                .after_help(HEALTH_HELP),
        )
        .subcommand(
            Command::new("migrate")
                .about("Bring the database's schema up or down, or show where it is")
                .after_help(MIGRATE_HELP)
                .subcommand_required(true)
                .subcommand(
                    configured("up", &[STORE], "").about("Apply every migration that is missing"),
                )
                .subcommand(
                    configured("down", &[STORE], "")
                        .about("Take back the last migration; its tables and their data go"),
                )
                .subcommand(
                    configured("status", &[STORE], "").about("Show which migrations are applied"),
                )
                .subcommand(configured("restored", &[STORE, QUEUE], RESTORED_HELP).about(
                    "Make a new log of an older copy that was restored: what was handed out since, \
                     cursors and sessions, is refused",
                )),
        )
        .subcommand(accounts::user::command())
        .subcommand(accounts::token::command())
        .subcommand(Command::new("schema").about("Print the GraphQL schema (SDL)"))
        .subcommand(
            Command::new("example-config").about("Print a configuration file with every setting"),
        )
}

async fn run(matches: &ArgMatches) -> ExitCode {
    match matches.subcommand() {
        None => serve(matches, Roles::ALL).await,
        Some(("serve", matches)) => serve(matches, Roles::ALL).await,
        Some(("ingest", matches)) => serve(matches, Roles::INGEST).await,
        Some(("worker", matches)) => serve(matches, Roles::WORKER).await,
        Some(("api", matches)) => serve(matches, Roles::API).await,
        Some(("send", matches)) => client(matches, send::run).await,
        Some(("tail", matches)) => client(matches, tail::run).await,
        Some(("search", matches)) => client(matches, search::run).await,
        Some(("export", matches)) => client(matches, export::run).await,
        Some(("stats", matches)) => client(matches, stats::run).await,
        Some(("login", matches)) => client(matches, login::log_in).await,
        Some(("logout", matches)) => client(matches, login::log_out).await,
        Some(("health", matches)) => health(matches).await,
        Some(("migrate", matches)) => migrate(matches).await,
        Some(("user", matches)) => answer(accounts::user::run(matches).await),
        Some(("token", matches)) => answer(accounts::token::run(matches).await),
        Some(("schema", _)) => print(&app::graphql_schema()),
        Some(("example-config", _)) => print(&config::example_file()),
        // clap knows no other.
        Some((other, _)) => fail(format!("unknown command {other}")),
    }
}

/// What a second signal means.
const AT_ONCE: &str = "stopped at once; what was not stored is lost";

/// Runs a server until a signal stops it; a second signal ends it at once.
async fn serve(matches: &ArgMatches, roles: Roles) -> ExitCode {
    let (config, source) = match config::open(matches) {
        Ok(opened) => opened,
        Err(errors) => return usage(errors),
    };
    let log = OwnLog::start(config.log_format, &config.log_level);
    let signals = || {
        let interrupt = signal(SignalKind::interrupt())?;
        Ok((interrupt, signal(SignalKind::terminate())?, signal(SignalKind::hangup())?))
    };
    let (mut interrupt, mut terminate, mut hang_up) = match signals() {
        Ok(signals) => signals,
        Err::<_, std::io::Error>(error) => {
            return fail(format!("cannot listen for signals: {error}"));
        }
    };
    let mut signalled = async move || {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    };

    let bound = match app::bind(config, roles).await {
        Ok(bound) => bound,
        Err(error @ StartError::Setting(_)) => return usage(error),
        Err(error) => return fail(error),
    };
    greet(&bound);
    supervisor::listening();
    let reloader = bound.reloader(source, log);
    tokio::spawn(async move {
        while hang_up.recv().await.is_some() {
            supervisor::reloading(|| reloader.reload());
        }
    });
    let timeout = bound.shutdown_timeout();
    let stop = CancellationToken::new();
    let starting = bound.start(stop.clone());
    tokio::pin!(starting);
    let started = tokio::select! {
        started = &mut starting => started,
        () = signalled() => {
            stop.cancel();
            say_stopping(timeout);
            tokio::select! {
                started = &mut starting => started,
                () = signalled() => return fail(AT_ONCE),
            }
        }
    };
    let mut app: App = match started {
        Ok(app) => app,
        Err(StartError::Stopped) => return ExitCode::SUCCESS,
        Err(error) => return fail(error),
    };
    if let Some(link) = app.set_up_link() {
        tell(&format!("{:<13} {link}\n", "set-up"));
    }
    supervisor::running();
    let mut failure = None;
    if !stop.is_cancelled() {
        tokio::select! {
            () = signalled() => {}
            error = app.failed() => failure = Some(error),
        }
        say_stopping(timeout);
    }
    let stopped = tokio::select! {
        stopped = app.stop() => stopped,
        () = signalled() => return fail(AT_ONCE),
    };
    let code = match stopped {
        Ok(()) => ExitCode::SUCCESS,
        Err(unfinished) => fail(unfinished),
    };
    failure.map_or(code, fail)
}

fn say_stopping(timeout: Duration) {
    supervisor::stopping(timeout);
    tracing::info!("stopping; once more to stop at once");
}

/// Says where to look, and how to send a first line. Programs read the lines that begin with
/// `listening`, so their form is fixed.
fn greet(bound: &Bound) {
    let addresses = bound.addresses();
    let mut text = String::new();
    let mut say = |what: &str, place: String| text.push_str(&format!("{what:<13} {place}\n"));
    for address in &addresses.udp {
        say("listening udp", address.to_string());
    }
    for address in &addresses.tcp {
        say("listening tcp", address.to_string());
    }
    for address in &addresses.tls {
        say("listening tls", address.to_string());
    }
    if let Some(address) = addresses.http {
        say("listening http", format!("{}://{address}", bound.scheme()));
    }
    if let Some(database) = bound.database() {
        say("database", database);
    }
    say("queue", bound.queue());
    let udp = addresses.udp.first().map(|address| (address, "-d"));
    if let Some((address, transport)) = udp.or(addresses.tcp.first().map(|tcp| (tcp, "-T"))) {
        let (host, port) = (app::reachable(*address).ip(), address.port());
        say("send", format!("logger -n {host} -P {port} {transport} hello"));
    }
    if let Some(url) = bound.url().filter(|_| bound.roles().api) {
        say("read", format!("tailwater tail --last 10 --url {url}"));
        say("dashboard", url.to_string());
        say("GraphiQL", format!("{url}/graphiql"));
    }
    tell(&text);
}

/// Writes to stdout. Nobody listening is no reason not to run.
fn tell(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Asks the server at a URL, or else the one that the settings start.
async fn health(matches: &ArgMatches) -> ExitCode {
    let asked = match matches.get_one::<String>("url") {
        Some(url) => health::of(url).await,
        None => match config::load(matches).map(|config| app::own_url(&config)) {
            Ok(Some(url)) => health::of_own(&url).await,
            Ok(None) => return usage("there is no --http to ask"),
            Err(errors) => return usage(errors),
        },
    };
    finish(asked)
}

async fn migrate(matches: &ArgMatches) -> ExitCode {
    let Some((what, matches)) = matches.subcommand() else { return fail("up, down or status?") };
    let config = match config::load(matches) {
        Ok(config) => config,
        Err(errors) => return usage(errors),
    };
    if what == "restored" {
        return match app::restored(&config).await {
            Ok(restored) => print(&format!("{restored}\n")),
            Err(error) => fail(error),
        };
    }
    let migration = match what {
        "up" => Migration::Up,
        "down" => Migration::Down,
        _ => Migration::Status,
    };
    match app::migrate(&config, migration).await {
        Ok(steps) => {
            let line = |(name, applied): &(String, bool)| {
                format!("{} {name}\n", if *applied { "applied" } else { "missing" })
            };
            print(&steps.iter().map(line).collect::<String>())
        }
        Err(error) => fail(error),
    }
}

/// What a command on accounts came to.
fn answer(said: Result<String, accounts::Failure>) -> ExitCode {
    match said {
        Ok(text) => print(&text),
        Err(failure) if failure.is_usage() => usage(failure),
        Err(failure) => fail(failure),
    }
}

async fn client<A: FromArgMatches>(
    matches: &ArgMatches,
    run: impl AsyncFnOnce(A) -> Result<Outcome, ClientError>,
) -> ExitCode {
    let arguments = match A::from_arg_matches(matches) {
        Ok(arguments) => arguments,
        Err(error) => return usage(error),
    };
    finish(run(arguments).await)
}

/// How a client ended.
fn finish(ended: Result<Outcome, ClientError>) -> ExitCode {
    match ended {
        Ok(outcome) => outcome.into(),
        Err(error) => {
            if !matches!(error, ClientError::OutputClosed) {
                eprintln!("tailwater: {error}");
            }
            error.exit_code()
        }
    }
}

fn print(text: &str) -> ExitCode {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => fail(error),
    }
}

fn fail(why: impl std::fmt::Display) -> ExitCode {
    eprintln!("tailwater: {why}");
    ExitCode::FAILURE
}

/// What is wrong with the command line or the configuration may be several lines.
fn usage(why: impl std::fmt::Display) -> ExitCode {
    for line in why.to_string().trim_end().lines() {
        eprintln!("tailwater: {line}");
    }
    ExitCode::from(2)
}
