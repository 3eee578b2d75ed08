//! `tailwater search`: what was logged, through the GraphQL API.

use std::io;

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};

use super::graphql::{FilterArgs, LOG_FIELDS, Log, LogFilter};
use super::post::{self, ask};
use super::render::{Look, Printer};
use super::server::ServerArgs;
use super::time::Zone;
use super::{ClientError, Outcome, quiet_when_output_closed};

/// Records asked for at once.
const PAGE: u64 = 250;

const HELP: &str = "\
Examples:
  tailwater search                                  the newest 100 lines
  tailwater search card refused --from 1h           both words, in the last hour
  tailwater search 'app:checkout severity>=error' --limit 20
  tailwater search --host web-01 --from yesterday --to today --all --oldest-first
  tailwater search --json --all -- 'attributes.status:502 -health' | jq .message

Times are those of this machine's zone unless they say otherwise or --utc is given.

Exit codes: 0 lines were found; 1 none was, or the search failed; 2 the command line or the query
is wrong.";

/// Search the log
#[derive(Args, Clone, Debug)]
#[command(after_help = HELP)]
pub struct SearchArgs {
    #[command(flatten, next_help_heading = "Which lines")]
    pub filter: FilterArgs,

    /// End after this many lines
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..))]
    pub limit: u64,

    /// Every line that matches
    #[arg(long, conflicts_with = "limit")]
    pub all: bool,

    /// By the time in the line, or in the order of arrival
    #[arg(long, value_enum, default_value_t = Order::Timestamp)]
    pub order: Order,

    /// Begin with the oldest line instead of the newest
    #[arg(long)]
    pub oldest_first: bool,

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

/// The order of the lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Order {
    Timestamp,
    Arrival,
}

/// Runs the command.
///
/// # Errors
/// [`ClientError::Usage`] when the query or a time is wrong, [`ClientError::Failed`] when the
/// server cannot be reached or refuses.
pub async fn run(args: SearchArgs) -> Result<Outcome, ClientError> {
    let look = Look {
        json: args.json,
        zone: Zone::new(args.utc),
        colour: Look::stdout_takes_colour(),
        attributes: args.attributes,
    };
    let mut printer = Printer::new(io::stdout(), look);
    quiet_when_output_closed(search(&args, &mut printer).await)
}

/// The variables of one page: from the newest line with `first` and `after`, from the oldest with
/// `last` and `before`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Variables<'a> {
    filter: &'a LogFilter,
    order_by: Order,
    first: Option<u64>,
    after: Option<&'a str>,
    last: Option<u64>,
    before: Option<&'a str>,
}

#[derive(Serialize)]
struct Request<'a> {
    query: &'a str,
    variables: Variables<'a>,
}

#[derive(Deserialize)]
struct Data {
    logs: Option<Connection>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Connection {
    edges: Vec<Edge>,
    page_info: PageInfo,
}

#[derive(Deserialize)]
struct Edge {
    node: Log,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    has_next_page: bool,
    has_previous_page: bool,
    start_cursor: Option<String>,
    end_cursor: Option<String>,
}

fn document() -> String {
    format!(
        "query Search($filter: LogFilter, $orderBy: LogOrder, $first: Int, $after: String, \
         $last: Int, $before: String) {{ logs(filter: $filter, orderBy: $orderBy, first: $first, \
         after: $after, last: $last, before: $before) {{ edges {{ node {{ {LOG_FIELDS} }} }} \
         pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"
    )
}

async fn search<W: io::Write>(
    args: &SearchArgs,
    printer: &mut Printer<W>,
) -> Result<Outcome, ClientError> {
    let filter = args.filter.to_filter(Zone::new(args.utc))?;
    let client = post::client()?;
    let mut server = args.server.server()?;
    let document = document();
    let mut left = if args.all { u64::MAX } else { args.limit };
    let mut cursor: Option<String> = None;
    let mut found = false;
    while left > 0 {
        let (count, place) = (Some(left.min(PAGE)), cursor.as_deref());
        let ((first, after), (last, before)) = if args.oldest_first {
            ((None, None), (count, place))
        } else {
            ((count, place), (None, None))
        };
        let variables =
            Variables { filter: &filter, order_by: args.order, first, after, last, before };
        let request = Request { query: &document, variables };
        let data: Data = ask(&client, &mut server, &request, filter.query.as_deref()).await?;
        let page = data.logs.ok_or_else(|| server.not_an_answer())?;
        found |= !page.edges.is_empty();
        left = left.saturating_sub(page.edges.len() as u64);
        let logs = page.edges.iter().map(|edge| &edge.node);
        let (more, next) = if args.oldest_first {
            printer.print(logs.rev())?;
            (page.page_info.has_previous_page, page.page_info.start_cursor)
        } else {
            printer.print(logs)?;
            (page.page_info.has_next_page, page.page_info.end_cursor)
        };
        // A page without lines or without a new cursor would be asked for again for ever.
        if !more || page.edges.is_empty() || next.is_none() || next == cursor {
            break;
        }
        cursor = next;
    }
    Ok(if found { Outcome::Done } else { Outcome::Incomplete })
}

#[cfg(test)]
mod tests;
