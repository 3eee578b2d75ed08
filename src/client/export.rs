//! `tailwater export`: a part of the log as a file, through a link that the GraphQL API gives.

mod output;
mod progress;

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};
use reqwest::{StatusCode, Url};
use serde::{Deserialize, Serialize};

use super::graphql::{FilterArgs, LogFilter, Response};
use super::post::{self, ask, innermost};
use super::render::make_harmless;
use super::server::{Server, ServerArgs};
use super::time::Zone;
use super::{ClientError, Outcome, quiet_when_output_closed};
use output::Output;
use progress::Progress;

/// How often the server is asked how far it is.
const BETWEEN_QUESTIONS: Duration = Duration::from_secs(1);
/// How long the server may take to hear that nobody wants it any more.
const LEAVE: Duration = Duration::from_secs(2);

const HELP: &str = "\
The file holds every line that matches, in the order of arrival, as far as you see the log. It is
written under another name beside it and gets its own when it is whole, so a file that is there is
whole; Ctrl-C leaves nothing behind. The server makes it while it is read: it may be longer than
any memory.

  ndjson   one JSON object a line, as `tailwater search --json` prints them
  csv      a line of names, then a line each; attributes are JSON; a cell that a spreadsheet would
           run as a formula (it begins with = + - @ or a tab) begins with ' instead
  parquet  for DuckDB, pandas, Polars, Spark; by far the smallest and the quickest

Examples:
  tailwater export --output all.parquet                       the format goes by the name
  tailwater export 'app:checkout severity>=error' --from 7d --output errors.csv
  tailwater export --from yesterday --to today | gzip > yesterday.ndjson.gz
  duckdb -c \"select host, count(*) from 'all.parquet' group by 1\"

Exit codes: 0 the file is whole, of however many lines; 1 it is not, and is not kept; 2 the command
line or the query is wrong.";

/// Write a part of the log into a file
#[derive(Args, Clone, Debug)]
#[command(after_help = HELP)]
pub struct ExportArgs {
    #[command(flatten, next_help_heading = "Which lines")]
    pub filter: FilterArgs,

    /// What to write [default: by the ending of --output, else ndjson]
    #[arg(short, long, value_enum, help_heading = "File")]
    pub format: Option<Format>,

    /// The file; - is stdout
    #[arg(short, long, value_name = "FILE", default_value = "-", help_heading = "File")]
    pub output: PathBuf,

    /// Replace the file if it is there
    #[arg(long, help_heading = "File")]
    pub force: bool,

    /// Leave out what is damaged at the server, instead of failing
    #[arg(long, help_heading = "File")]
    pub skip_damaged: bool,

    /// Read times in UTC
    #[arg(long, help_heading = None::<&'static str>)]
    pub utc: bool,

    #[command(flatten, next_help_heading = "Server")]
    pub server: ServerArgs,
}

/// What to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Format {
    Ndjson,
    Csv,
    Parquet,
}

impl ExportArgs {
    fn format(&self) -> Format {
        self.format.or_else(|| Format::of(&self.output)).unwrap_or(Format::Ndjson)
    }
}

impl Format {
    /// The one that files of this name have.
    fn of(file: &Path) -> Option<Format> {
        let ending = file.extension()?.to_str()?.to_ascii_lowercase();
        match ending.as_str() {
            "ndjson" | "jsonl" | "json" => Some(Format::Ndjson),
            "csv" => Some(Format::Csv),
            "parquet" => Some(Format::Parquet),
            _ => None,
        }
    }
}

/// Runs the command.
///
/// # Errors
/// [`ClientError::Usage`] when the query or a time is wrong, or the file must not be written;
/// [`ClientError::Failed`] when the server cannot be reached or refuses, or the file cannot be
/// written.
pub async fn run(args: ExportArgs) -> Result<Outcome, ClientError> {
    quiet_when_output_closed(export(&args).await)
}

async fn export(args: &ExportArgs) -> Result<Outcome, ClientError> {
    let format = args.format();
    let on_terminal = args.output == Path::new("-") && io::stdout().is_terminal();
    if format == Format::Parquet && on_terminal {
        let problem = "Parquet is nothing for a terminal: give --output FILE, or pipe it on";
        return Err(ClientError::Usage(problem.to_owned()));
    }
    let filter = args.filter.to_filter(Zone::new(args.utc))?;
    let mut output = Output::open(&args.output, args.force, on_terminal)?;
    let mut caller = Caller { client: post::client()?, server: args.server.server()? };
    let made = caller.create(&filter, format, args.skip_damaged).await?;
    let mut progress = Progress::start();
    let written = tokio::select! {
        written = caller.fetch(&made, &mut output, &mut progress) => written,
        signal = tokio::signal::ctrl_c() => Err(match signal {
            Ok(()) => ClientError::Failed("interrupted; nothing is kept".to_owned()),
            Err(error) => ClientError::Failed(format!("cannot listen for Ctrl-C: {error}")),
        }),
    };
    progress.end();
    if let Err(error) = written {
        // It sees by itself that nobody reads; sooner is better. How that goes changes nothing.
        let _ = tokio::time::timeout(LEAVE, caller.cancel(&made.id)).await;
        return Err(error);
    }
    let bytes = output.finish()?;
    // The file is whole, whether or not the server still tells how many records that are.
    let state = caller.state(&made.id).await.ok();
    progress::tell(state.as_ref(), bytes, &args.output);
    Ok(Outcome::Done)
}

/// Who asks the server.
struct Caller {
    client: reqwest::Client,
    server: Server,
}

/// An export as the server has made it.
#[derive(Deserialize)]
struct Made {
    id: String,
    url: Option<String>,
}

/// How an export is.
#[derive(Clone, Debug, Deserialize)]
struct State {
    problem: Option<String>,
    records: u64,
    skipped: u64,
    progress: f64,
}

#[derive(Serialize)]
struct Request<V> {
    query: &'static str,
    variables: V,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct New<'a> {
    filter: &'a LogFilter,
    format: Format,
    skip_damaged: bool,
}

#[derive(Serialize)]
struct Named<'a> {
    id: &'a str,
}

/// The one field of an answer, whatever its name.
#[derive(Deserialize)]
struct Data<T> {
    #[serde(rename = "export", bound = "T: Deserialize<'de>")]
    field: Option<T>,
}

impl Caller {
    async fn create(
        &mut self,
        filter: &LogFilter,
        format: Format,
        skip_damaged: bool,
    ) -> Result<Made, ClientError> {
        let query = "mutation Export($filter: LogFilter, $format: ExportFormat!, \
                     $skipDamaged: Boolean) { export: createExport(filter: $filter, \
                     format: $format, skipDamaged: $skipDamaged) { id url } }";
        let request = Request { query, variables: New { filter, format, skip_damaged } };
        let text = filter.query.as_deref();
        let data: Data<Made> = ask(&self.client, &mut self.server, &request, text).await?;
        data.field.ok_or_else(|| self.server.not_an_answer())
    }

    async fn state(&mut self, id: &str) -> Result<State, ClientError> {
        let query = "query Export($id: ID!) { export(id: $id) \
                     { problem records skipped progress } }";
        let request = Request { query, variables: Named { id } };
        let data: Data<State> = ask(&self.client, &mut self.server, &request, None).await?;
        data.field.ok_or_else(|| self.server.not_an_answer())
    }

    async fn cancel(&mut self, id: &str) -> Result<(), ClientError> {
        let query = "mutation Export($id: ID!) { export: cancelExport(id: $id) { id } }";
        let request = Request { query, variables: Named { id } };
        ask::<serde_json::Value>(&self.client, &mut self.server, &request, None).await.map(drop)
    }

    /// Follows the link and writes what comes, to its end.
    async fn fetch(
        &mut self,
        made: &Made,
        output: &mut Output,
        progress: &mut Progress,
    ) -> Result<(), ClientError> {
        let link = made.url.as_deref().and_then(|url| self.server.file(url));
        let mut file = self.open(link.ok_or_else(|| self.server.not_an_answer())?).await?;
        let mut questions = tokio::time::interval(BETWEEN_QUESTIONS);
        loop {
            tokio::select! {
                piece = file.chunk() => match piece {
                    Ok(Some(bytes)) => {
                        progress.received(bytes.len());
                        output.write(bytes).await?;
                    }
                    Ok(None) => return Ok(()),
                    Err(error) => return Err(self.why_it_broke_off(&made.id, &error).await),
                },
                _ = questions.tick(), if progress.is_shown() => {
                    // Without an answer it shows what it knows.
                    if let Ok(state) = self.state(&made.id).await {
                        progress.show(&state);
                    }
                }
            }
        }
    }

    async fn open(&self, url: Url) -> Result<reqwest::Response, ClientError> {
        let name = self.server.name();
        let unreachable = |error: reqwest::Error| {
            // The address of the file is a secret.
            let cause = innermost(&error.without_url());
            ClientError::Failed(format!("cannot fetch the file from {name}: {cause}"))
        };
        let answer = self.client.get(url).send().await.map_err(unreachable)?;
        let status = answer.status();
        if status == StatusCode::OK {
            return Ok(answer);
        }
        let said: Option<Response<()>> = answer.json().await.ok();
        let mut problem = format!("{name} answers {status}");
        if let Some(error) = said.as_ref().and_then(|said| said.errors.first()) {
            problem.push_str(": ");
            make_harmless(&error.message, &mut problem);
        }
        Err(ClientError::Failed(problem))
    }

    /// What the server says of an export that broke off, or how that showed here.
    async fn why_it_broke_off(&mut self, id: &str, error: &reqwest::Error) -> ClientError {
        let mut text = "the export broke off: ".to_owned();
        let state = tokio::time::timeout(LEAVE, self.state(id)).await;
        match state {
            Ok(Ok(State { problem: Some(problem), .. })) => make_harmless(&problem, &mut text),
            _ => text.push_str(&innermost(error)),
        }
        ClientError::Failed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_goes_by_the_name_of_the_file() {
        for (name, format) in [
            ("a.ndjson", Some(Format::Ndjson)),
            ("a.b.JSONL", Some(Format::Ndjson)),
            ("dir.csv/a.csv", Some(Format::Csv)),
            ("a.parquet", Some(Format::Parquet)),
            ("-", None),
            ("csv", None),
            ("a.csv.gz", None),
        ] {
            assert_eq!(Format::of(Path::new(name)), format, "{name}");
        }
    }
}
