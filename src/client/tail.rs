//! `tailwater tail`: the log as it grows, through the GraphQL API. A connection that breaks is
//! taken up again at the last cursor, so that no line is missed or shown twice.

use std::io;

use clap::Args;
use serde::{Deserialize, Serialize};

use super::backoff::Backoff;
use super::graphql::{self, FilterArgs, GraphqlError, LOG_FIELDS, Log, LogFilter};
use super::render::{Look, Printer, lost_notice, notice};
use super::server::{NoBearer, Server, ServerArgs};
use super::time::Zone;
use super::websocket::{Ended, Subscription};
use super::{ClientError, Outcome, quiet_when_output_closed};

const HELP: &str = "\
Examples:
  tailwater tail                                    every new line
  tailwater tail --last 20                          the newest 20 first
  tailwater tail 'app:checkout severity>=warning'
  tailwater tail --host web-01 --host web-02 -- timeout -health
  tailwater tail --json --count 1000 | jq .attributes

A broken connection is made again, and goes on after the last line shown: none is missed, none is
shown twice. Lines that retention removed in the meantime are announced on stderr.

Exit codes: 0 --count lines were shown; 1 the server could not be reached or refused; 2 the command
line or the query is wrong. Without --count it runs until Ctrl-C.";

/// Follow the log
#[derive(Args, Clone, Debug)]
#[command(after_help = HELP)]
pub struct TailArgs {
    #[command(flatten, next_help_heading = "Which lines")]
    pub filter: FilterArgs,

    /// Start with the newest lines that match, so many; at most 1000
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=1_000))]
    pub last: u32,

    /// End after this many lines
    #[arg(long, value_name = "N")]
    pub count: Option<u64>,

    /// Show attributes as well
    #[arg(short, long, help_heading = "Form")]
    pub attributes: bool,

    /// Print one JSON object a line
    #[arg(long, help_heading = "Form")]
    pub json: bool,

    /// Read and show times in UTC
    #[arg(long, help_heading = "Form")]
    pub utc: bool,

    #[command(flatten, next_help_heading = "Server")]
    pub server: ServerArgs,
}

/// Runs the command.
///
/// # Errors
/// [`ClientError::Usage`] when the query or a time is wrong, [`ClientError::Failed`] when the
/// server refuses, or cannot be reached at the start.
pub async fn run(args: TailArgs) -> Result<Outcome, ClientError> {
    let look = Look {
        json: args.json,
        zone: Zone::new(args.utc),
        colour: Look::stdout_takes_colour(),
        attributes: args.attributes,
    };
    let mut printer = Printer::new(io::stdout(), look);
    quiet_when_output_closed(tail(&args, args.server.server()?, &mut printer).await)
}

#[derive(Serialize)]
struct Variables<'a> {
    filter: &'a LogFilter,
    after: Option<&'a str>,
    last: Option<u32>,
}

#[derive(Deserialize)]
struct Data {
    tail: Option<TailBatch>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TailBatch {
    logs: Vec<Log>,
    cursor: String,
    #[serde(default)]
    lost_before: Option<u64>,
}

/// A tail: where it is, and how far.
struct Reader<'a, W> {
    server: Server,
    filter: LogFilter,
    last: u32,
    cursor: Option<String>,
    /// Lines still to show; without a count, more than there will ever be.
    left: u64,
    printer: &'a mut Printer<W>,
    backoff: Backoff,
}

async fn tail<W: io::Write>(
    args: &TailArgs,
    server: Server,
    printer: &mut Printer<W>,
) -> Result<Outcome, ClientError> {
    graphql::prepare_tls();
    let mut reader = Reader {
        server,
        filter: args.filter.to_filter(Zone::new(args.utc))?,
        last: args.last,
        cursor: None,
        left: args.count.unwrap_or(u64::MAX),
        printer,
        backoff: Backoff::default(),
    };
    while reader.left > 0 {
        let ended = match reader.follow().await? {
            None => break,
            Some(ended) => ended,
        };
        reader.take_up_again(ended).await?;
    }
    Ok(Outcome::Done)
}

impl<W: io::Write> Reader<'_, W> {
    /// Shows what one connection brings. `None`: enough lines were shown.
    async fn follow(&mut self) -> Result<Option<Ended>, ClientError> {
        let document = format!(
            "subscription Tail($filter: LogFilter, $after: String, $last: Int) {{ \
             tail(filter: $filter, after: $after, last: $last) {{ \
             logs {{ {LOG_FIELDS} }} cursor caughtUp lostBefore }} }}"
        );
        let variables = Variables {
            filter: &self.filter,
            after: self.cursor.as_deref(),
            last: (self.cursor.is_none() && self.last > 0).then_some(self.last),
        };
        let bearer = match self.server.bearer().await {
            Ok(bearer) => bearer,
            Err(NoBearer::Passing(reason)) => return Ok(Some(Ended::Broken(reason))),
            Err(NoBearer::Final(reason)) => return Ok(Some(Ended::Refused(reason))),
        };
        let endpoint = self.server.web_socket();
        let opened = Subscription::open(&endpoint, bearer.as_ref(), &document, &variables).await;
        let mut subscription = match opened {
            Ok(subscription) => subscription,
            Err(ended) => return Ok(Some(ended)),
        };
        loop {
            let batch = match subscription.next::<Data>().await {
                Ok(Data { tail: Some(batch) }) => batch,
                Ok(Data { tail: None }) => continue,
                Err(ended) => return Ok(Some(ended)),
            };
            self.backoff.reset();
            self.server.taken();
            self.show(batch)?;
            if self.left == 0 {
                subscription.close().await;
                return Ok(None);
            }
        }
    }

    fn show(&mut self, batch: TailBatch) -> Result<(), ClientError> {
        if let Some(lost) = batch.lost_before.filter(|lost| *lost > 0) {
            notice(lost_notice(lost));
        }
        let shown = usize::try_from(self.left).unwrap_or(usize::MAX).min(batch.logs.len());
        self.printer.print(batch.logs.iter().take(shown))?;
        self.left -= shown as u64;
        // Only now are the lines up to it shown.
        self.cursor = Some(batch.cursor);
        Ok(())
    }

    /// Waits before the next try, if there is to be one.
    async fn take_up_again(&mut self, ended: Ended) -> Result<(), ClientError> {
        let reason = match ended {
            Ended::Unauthenticated(reason) => return self.sign_in_again(&reason),
            Ended::Errors(errors) if errors.iter().any(GraphqlError::is_unauthenticated) => {
                return self.sign_in_again("the server does not know who asks");
            }
            Ended::Errors(errors) => {
                let error = graphql::to_client_error(&errors, self.filter.query.as_deref());
                if self.cursor.is_none() || !errors.iter().all(|error| error.is_passing()) {
                    return Err(error);
                }
                error.to_string()
            }
            Ended::Refused(reason) => return Err(self.failed(&reason)),
            Ended::Broken(reason) if self.cursor.is_none() => return Err(self.failed(&reason)),
            Ended::Broken(reason) => reason,
        };
        let delay = self.backoff.next_delay();
        notice(format_args!("{reason}; going on in {:.1} s", delay.as_secs_f64()));
        tokio::time::sleep(delay).await;
        Ok(())
    }

    /// An access token ends every few minutes: with the next one it goes on at once.
    fn sign_in_again(&mut self, reason: &str) -> Result<(), ClientError> {
        if self.server.refused() {
            return Ok(());
        }
        Err(self.failed(&format!("{reason}; {}", self.server.how_to_sign_in())))
    }

    fn failed(&self, reason: &str) -> ClientError {
        ClientError::Failed(format!("cannot follow {}: {reason}", self.server.name()))
    }
}

#[cfg(test)]
mod tests;
