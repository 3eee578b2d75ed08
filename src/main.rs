//! The command line, nothing else.

use std::io::Write;
use std::process::ExitCode;

use clap::{ArgMatches, Args, Command, FromArgMatches};
use tailwater::app::{self, Addresses, App, Migration, Roles, StartError};
use tailwater::client::{ClientError, Outcome, search, send, tail};
use tailwater::{config, telemetry};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

const EXAMPLES: &str = "\
Examples:
  tailwater                                    everything in one process, in ./tailwater.db
  tailwater --udp 0.0.0.0:5140 --tcp off       receive from other machines, datagrams only
  tailwater send --count 1000                  send it made-up lines
  tailwater tail 'severity>=warning'           follow what matters
  tailwater search --from -1h 'host:web-* -GET \"timed out\"'

Exit codes: 0 all went well, 1 it failed and says why, 2 the command line is wrong.";

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
    let role = |name: &'static str, about: &'static str| {
        Command::new(name).about(about).args(config::arguments())
    };
    Command::new("tailwater")
        .version(env!("CARGO_PKG_VERSION"))
        .about("A log server with a GraphQL face: syslog in, search and live tail out.")
        .after_help(EXAMPLES)
        .args_conflicts_with_subcommands(true)
        .args(config::arguments())
        .subcommand(role("serve", "Run everything in one process (the default command)"))
        .subcommand(role("ingest", "Receive and queue only (needs --nats-url)"))
        .subcommand(role(
            "worker",
            "Write the queue into the database only (needs --nats-url and Postgres)",
        ))
        .subcommand(role(
            "api",
            "Answer queries and subscriptions only (needs --nats-url and Postgres)",
        ))
        .subcommand(send::SendArgs::augment_args(Command::new("send")))
        .subcommand(tail::TailArgs::augment_args(Command::new("tail")))
        .subcommand(search::SearchArgs::augment_args(Command::new("search")))
        .subcommand(
            Command::new("migrate")
                .about("Bring the database's schema up or down, or show where it is")
                .subcommand_required(true)
                .subcommand(role("up", "Apply every migration that is missing"))
                .subcommand(role(
                    "down",
                    "Take back the last migration; its tables and their data go",
                ))
                .subcommand(role("status", "Show which migrations are applied")),
        )
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
        Some(("migrate", matches)) => migrate(matches).await,
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
    let config = match config::load(matches) {
        Ok(config) => config,
        Err(errors) => return usage(errors),
    };
    telemetry::start_log(config.log_format, &config.log_level);
    let signals = signal(SignalKind::interrupt()).and_then(|interrupt| {
        signal(SignalKind::terminate()).map(|terminate| (interrupt, terminate))
    });
    let (mut interrupt, mut terminate) = match signals {
        Ok(signals) => signals,
        Err(error) => return fail(format!("cannot listen for signals: {error}")),
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
    greet(bound.addresses());
    let stop = CancellationToken::new();
    let starting = bound.start(stop.clone());
    tokio::pin!(starting);
    let started = tokio::select! {
        started = &mut starting => started,
        () = signalled() => {
            stop.cancel();
            tracing::info!("stopping; once more to stop at once");
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
    let mut failure = None;
    if !stop.is_cancelled() {
        tokio::select! {
            () = signalled() => {}
            error = app.failed() => failure = Some(error),
        }
        tracing::info!("stopping; once more to stop at once");
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

/// Says where to look. Programs read these lines, so their form is fixed.
fn greet(addresses: &Addresses) {
    let mut out = std::io::stdout().lock();
    let mut say = |line: String| {
        // Nobody listening is no reason not to run.
        let _ = writeln!(out, "{line}");
    };
    for address in &addresses.udp {
        say(format!("listening udp {address}"));
    }
    for address in &addresses.tcp {
        say(format!("listening tcp {address}"));
    }
    if let Some(address) = addresses.http {
        say(format!("listening http http://{address}"));
        say(format!("GraphiQL       http://{address}/graphiql"));
    }
    let _ = out.flush();
}

async fn migrate(matches: &ArgMatches) -> ExitCode {
    let Some((what, matches)) = matches.subcommand() else { return fail("up, down or status?") };
    let config = match config::load(matches) {
        Ok(config) => config,
        Err(errors) => return usage(errors),
    };
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

async fn client<A: FromArgMatches>(
    matches: &ArgMatches,
    run: impl AsyncFnOnce(A) -> Result<Outcome, ClientError>,
) -> ExitCode {
    let arguments = match A::from_arg_matches(matches) {
        Ok(arguments) => arguments,
        Err(error) => return usage(error),
    };
    match run(arguments).await {
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

fn usage(why: impl std::fmt::Display) -> ExitCode {
    eprintln!("tailwater: {why}");
    ExitCode::from(2)
}
