//! `tailwater send`: lines from a file, from stdin or made up, over UDP, TCP or TLS.

mod summary;

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use summary::Summary;
use tokio_util::sync::CancellationToken;

use super::batch::{Batch, Framing};
use super::format::{Encoder, Event, Format};
use super::lines::{Form, Input, Lines, Source};
use super::made_up::MadeUp;
use super::notices::Notices;
use super::rate::{Grant, Rate};
use super::target::{Scheme, Target};
use super::transport::Transport;
use super::{ClientError, Outcome, quiet_when_output_closed};
use crate::log::{Facility, Severity};

/// Lines taken at once, at most.
const BATCH: usize = 1_024;
/// Made-up lines a second when nothing says how many or how fast.
const GENTLE_RATE: f64 = 10.0;
/// How long lines already taken may still be sent after the end was asked for.
const GRACE: Duration = Duration::from_secs(5);

const HELP: &str = "\
Examples:
  tailwater send                                   ten made-up lines a second, until Ctrl-C
  tailwater send --count 1000000 --to tcp://127.0.0.1:5140 --sequence
                                                   a million, as fast as possible, numbered
  tailwater send --rate 5000 --duration 1m --format json
  tailwater send /var/log/syslog                   the lines of a file, as they are
  journalctl -f -o json | tailwater send --to tcp://logs:5140 -
  make 2>&1 | tailwater send --app build --severity notice -
  tailwater send --to tls://logs.example.com --tls-ca ca.pem /var/log/syslog

What may be lost: UDP promises nothing; what the other machine refuses is counted as an error.
Over TCP and TLS, lines that the other kernel has not acknowledged when a connection breaks are sent
again over the next one, so a few may arrive twice; lines that it had acknowledged, but its
process had not read when it died, are lost without a trace, for syslog has no acknowledgement
of its own.

Exit codes: 0 every line was sent; 1 some were not, or the input could not be read to its end;
2 the command line is wrong.";

/// Send lines from a file, from stdin, or made-up ones
#[derive(Args, Clone, Debug)]
#[command(after_help = HELP)]
pub struct SendArgs {
    /// File to send line by line; `-` is stdin. Without it, lines are made up. Empty lines are
    /// left out
    #[arg(value_name = "FILE|-")]
    pub file: Option<PathBuf>,

    /// Where to: udp://HOST:PORT, tcp://HOST:PORT or tls://HOST:PORT
    #[arg(long, value_name = "URL", default_value = "udp://127.0.0.1:5140")]
    pub to: Target,

    /// File with the certificates (PEM) that are trusted over TLS [default: those that this
    /// machine trusts]
    #[arg(long, value_name = "FILE")]
    pub tls_ca: Option<PathBuf>,

    /// Lines a second [default: as fast as possible; 10 for made-up lines without --count or
    /// --duration]
    #[arg(long, value_name = "N", value_parser = positive_rate, allow_negative_numbers = true)]
    pub rate: Option<f64>,

    /// End after this many lines
    #[arg(long, value_name = "N")]
    pub count: Option<u64>,

    /// End after this time, for example 10s or 5m
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    pub duration: Option<Duration>,

    /// How each line is written [default: rfc5424 for made-up lines; lines of a file or of stdin
    /// go as they are]
    #[arg(long, value_enum)]
    pub format: Option<Format>,

    /// Same seed, same made-up lines, apart from their times [default: random]
    #[arg(long, value_name = "N", conflicts_with = "file")]
    pub seed: Option<u64>,

    /// Number the lines from 1: `seq` in their attributes, or at the end of their text where the
    /// format has none (rfc3164, plain)
    #[arg(long)]
    pub sequence: bool,

    /// Host of wrapped lines [default: the name of this machine]. Like --app, --severity and
    /// --facility, it makes rfc5424 the default format
    #[arg(long, value_parser = header_word, requires = "file")]
    pub host: Option<String>,

    /// App of wrapped lines [default: tailwater]
    #[arg(long, value_parser = header_word, requires = "file")]
    pub app: Option<String>,

    /// Severity of wrapped lines, from emergency to debug [default: info]
    #[arg(long, requires = "file")]
    pub severity: Option<Severity>,

    /// Facility of wrapped lines, for example user or local0 [default: user]
    #[arg(long, requires = "file")]
    pub facility: Option<Facility>,

    /// How records are told apart over TCP and TLS [default: nul for gelf; for all else lf over
    /// TCP, octet over TLS]
    #[arg(long, value_enum)]
    pub framing: Option<Framing>,

    /// Give up when nothing has got through for so long
    #[arg(long, value_name = "TIME", default_value = "1m", value_parser = humantime::parse_duration)]
    pub retry_for: Duration,

    /// Print the summary as one JSON object on stdout
    #[arg(long)]
    pub json: bool,
}

fn positive_rate(text: &str) -> Result<f64, String> {
    match text.replace(['_', ','], "").parse::<f64>() {
        Ok(rate) if rate.is_finite() && rate >= 0.001 => Ok(rate),
        _ => Err("a number of lines a second, more than 0".to_owned()),
    }
}

/// A word that fits the header of every syslog format.
fn header_word(text: &str) -> Result<String, String> {
    if text.is_empty() || text.len() > 48 || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("1 to 48 printable ASCII characters without spaces".to_owned());
    }
    Ok(text.to_owned())
}

/// When to end: asked for once, what was taken is still sent; a second time, or after
/// [`GRACE`], nothing is.
#[derive(Clone, Debug, Default)]
struct Stop {
    asked: CancellationToken,
    at_once: CancellationToken,
}

impl Stop {
    fn on_signals() -> Self {
        let stop = Stop::default();
        let on_signals = stop.clone();
        tokio::spawn(async move {
            interrupted().await;
            on_signals.ask();
            interrupted().await;
            on_signals.at_once.cancel();
        });
        stop
    }

    fn ask(&self) {
        self.asked.cancel();
        let at_once = self.at_once.clone();
        tokio::spawn(async move {
            tokio::time::sleep(GRACE).await;
            at_once.cancel();
        });
    }

    fn ask_after(&self, duration: Duration) {
        let stop = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(duration).await;
            stop.ask();
        });
    }
}

/// Waits for Ctrl-C or SIGTERM; for ever where signals cannot be had.
async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        result = tokio::signal::ctrl_c() => if result.is_err() {
            std::future::pending().await
        },
        _ = terminate.recv() => {}
    }
}

/// Runs the command.
///
/// # Errors
/// [`ClientError::Usage`] for options that do not go together, [`ClientError::Failed`] when the
/// file or the target cannot be had. Lines that could not be sent are [`Outcome::Incomplete`].
pub async fn run(args: SendArgs) -> Result<Outcome, ClientError> {
    let lines = open_lines(&args)?;
    let mut notices = match &args.file {
        Some(file) if file == Path::new("-") && io::stdin().is_terminal() => {
            Notices::without_progress()
        }
        _ => Notices::with_progress(),
    };
    let stop = Stop::on_signals();
    let summary = send(&args, lines, &stop, &mut notices).await?;
    notices.end_progress();
    if let Some(trouble) = &summary.trouble {
        notices.say(trouble);
    }
    quiet_when_output_closed(report(&summary, args.json))
}

fn report(summary: &Summary, json: bool) -> Result<Outcome, ClientError> {
    if json {
        writeln!(io::stdout(), "{}", summary.to_json()).map_err(ClientError::output)?;
    } else {
        anstream::eprintln!("{}", summary.to_text());
    }
    Ok(summary.outcome())
}

/// Opens the source of the lines, and checks that the options about it go together.
fn open_lines(args: &SendArgs) -> Result<Lines, ClientError> {
    if args.framing.is_some() && args.to.scheme == Scheme::Udp {
        return Err(ClientError::Usage(
            "--framing is for TCP: over UDP each line is a datagram of its own".into(),
        ));
    }
    if args.tls_ca.is_some() && args.to.scheme != Scheme::Tls {
        return Err(ClientError::Usage("--tls-ca is for tls://".into()));
    }
    let usual = match (args.to.scheme, args.format) {
        (Scheme::Udp, _) => None,
        (_, Some(Format::Gelf)) => Some(Framing::Nul),
        (Scheme::Tcp, _) => Some(Framing::Lf),
        // RFC 5425 knows no other.
        (Scheme::Tls, _) => Some(Framing::Octet),
    };
    let framing = args.framing.or(usual);
    let source = match &args.file {
        None => Source::MadeUp {
            made_up: Box::new(MadeUp::new(args.seed.unwrap_or_else(rand::random))),
            encoder: Encoder::new(args.format.unwrap_or(Format::Rfc5424)),
        },
        Some(file) => Source::Input { form: form_of_input(args)?, input: open_input(file)? },
    };
    Ok(Lines::new(source, framing, args.sequence))
}

fn form_of_input(args: &SendArgs) -> Result<Form, ClientError> {
    let described = args.host.is_some()
        || args.app.is_some()
        || args.severity.is_some()
        || args.facility.is_some();
    let Some(format) = args.format.or(described.then_some(Format::Rfc5424)) else {
        if args.sequence {
            return Err(ClientError::Usage(
                "--sequence needs --format: lines of a file or of stdin go as they are".into(),
            ));
        }
        return Ok(Form::Raw);
    };
    let event = Event {
        severity: args.severity.unwrap_or(Severity::Info),
        facility: args.facility.unwrap_or(Facility::User),
        host: args.host.clone().unwrap_or_else(this_machine),
        app: args.app.clone().unwrap_or_else(|| "tailwater".to_owned()),
        proc_id: Some(std::process::id()),
        msg_id: None,
        message: String::new(),
        attributes: Vec::new(),
    };
    Ok(Form::Wrapped { encoder: Encoder::new(format), event: Box::new(event) })
}

fn this_machine() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname")
        .ok()
        .and_then(|name| header_word(name.trim()).ok())
        .unwrap_or_else(|| "localhost".to_owned())
}

fn open_input(file: &Path) -> Result<Input, ClientError> {
    if file == Path::new("-") {
        return Ok(Input::read(io::stdin()));
    }
    let opened = File::open(file)
        .map_err(|error| ClientError::Failed(format!("{}: {error}", file.display())))?;
    Ok(Input::read(opened))
}

fn rate_of(args: &SendArgs, now: Instant) -> Rate {
    let gentle = args.file.is_none() && args.count.is_none() && args.duration.is_none();
    match args.rate.or(gentle.then_some(GENTLE_RATE)) {
        Some(per_second) => Rate::per_second(per_second, now),
        None => Rate::unlimited(),
    }
}

/// Sends the lines until they, the count or the time end, or the stop is asked for.
async fn send(
    args: &SendArgs,
    mut lines: Lines,
    stop: &Stop,
    notices: &mut Notices,
) -> Result<Summary, ClientError> {
    let gelf = args.format == Some(Format::Gelf);
    let authorities = args.tls_ca.as_deref();
    let mut transport = Transport::open(args.to.clone(), gelf, authorities, args.retry_for).await?;
    let started = Instant::now();
    let mut rate = rate_of(args, started);
    if let Some(duration) = args.duration {
        stop.ask_after(duration);
    }
    let mut sending = async || -> Result<bool, ClientError> {
        let mut batch = Batch::default();
        let mut left = args.count.unwrap_or(u64::MAX);
        while left > 0 && !stop.asked.is_cancelled() {
            let most = usize::try_from(left).unwrap_or(usize::MAX).min(BATCH);
            let granted = match rate.take(most, Instant::now()) {
                Grant::Now(granted) => granted,
                Grant::After(pause) => {
                    tokio::select! {
                        () = tokio::time::sleep(pause) => {}
                        () = stop.asked.cancelled() => {}
                        watched = transport.watch(notices) => watched?,
                    }
                    continue;
                }
            };
            let taken = tokio::select! {
                biased;
                taken = lines.fill(&mut batch, granted) => taken
                    .map_err(|error| ClientError::Failed(format!("cannot read on: {error}")))?,
                () = stop.asked.cancelled() => break,
                watched = transport.watch(notices) => {
                    watched?;
                    rate.give_back(granted);
                    continue;
                }
            };
            rate.give_back(granted - taken);
            if taken == 0 {
                return Ok(true);
            }
            left -= taken as u64;
            transport.send(&mut batch, notices).await?;
            notices.progress(transport.account().sent);
        }
        Ok(left == 0)
    };
    // Made-up and piped lines have no end that could be missed; those of a file or a count have.
    let endless = args.count.is_none()
        && args.file.as_deref().is_none_or(|file| file == Path::new("-"))
        || args.duration.is_some();
    let sent = tokio::select! {
        sent = sending() => sent,
        () = stop.at_once.cancelled() => Ok(false),
    };
    let (complete, mut trouble) = match sent {
        Ok(complete) => (complete || endless, None),
        Err(error) => (false, Some(error.to_string())),
    };
    let finished = tokio::select! {
        finished = transport.finish(notices) => finished,
        () = stop.at_once.cancelled() => Ok(()),
    };
    if let Err(error) = finished {
        trouble.get_or_insert(error.to_string());
    }
    Ok(Summary { account: transport.account(), elapsed: started.elapsed(), complete, trouble })
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tls_tests;
