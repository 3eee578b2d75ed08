//! Made-up lines: a small shop's machines on a normal day, the same ones for the same seed.

use std::fmt::Write;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};

use super::format::{Event, Value};
use crate::log::{Facility, Severity};

/// Hosts of each service are numbered from 1 to this.
const HOSTS: u32 = 8;

/// An endless run of events. Equal seeds give equal events.
#[derive(Debug)]
pub struct MadeUp {
    random: StdRng,
    event: Event,
}

/// One kind of thing that happens, with how often it does.
struct Kind {
    weight: u32,
    app: &'static str,
    host: &'static str,
    facility: Facility,
    msg_id: Option<&'static str>,
    tell: fn(&mut StdRng, &mut Event),
}

const KINDS: [Kind; 13] = [
    kind(34, "nginx", "web", Facility::Local7, Some("access"), request),
    kind(14, "checkout", "app", Facility::Local0, Some("order"), order),
    kind(10, "api-gateway", "app", Facility::Local1, Some("upstream"), upstream),
    kind(9, "inventory", "app", Facility::Local2, None, stock),
    kind(7, "postgres", "db", Facility::Local3, None, database),
    kind(6, "auth-service", "app", Facility::Auth, Some("login"), login),
    kind(5, "sshd", "bastion", Facility::Authpriv, None, ssh),
    kind(4, "postfix/smtpd", "mail", Facility::Mail, None, mail),
    kind(3, "CRON", "db", Facility::Cron, None, cron),
    kind(3, "kernel", "web", Facility::Kern, None, kernel),
    kind(2, "systemd", "app", Facility::Daemon, None, systemd),
    kind(2, "payment-worker", "app", Facility::Local0, Some("failure"), payment_failure),
    kind(1, "haproxy", "edge", Facility::Local4, None, backend_down),
];

const fn kind(
    weight: u32,
    app: &'static str,
    host: &'static str,
    facility: Facility,
    msg_id: Option<&'static str>,
    tell: fn(&mut StdRng, &mut Event),
) -> Kind {
    Kind { weight, app, host, facility, msg_id, tell }
}

impl MadeUp {
    /// The run of events of a seed.
    pub fn new(seed: u64) -> Self {
        let event = Event {
            severity: Severity::Info,
            facility: Facility::User,
            host: String::new(),
            app: String::new(),
            proc_id: None,
            msg_id: None,
            message: String::new(),
            attributes: Vec::new(),
        };
        MadeUp { random: StdRng::seed_from_u64(seed), event }
    }

    /// The next event.
    pub fn next(&mut self) -> &Event {
        let MadeUp { random, event } = self;
        let kind = pick_kind(random);
        event.severity = Severity::Info;
        event.facility = kind.facility;
        event.host.clear();
        let _ = write!(event.host, "{}-{:02}", kind.host, random.random_range(1..=HOSTS));
        event.app.clear();
        event.app.push_str(kind.app);
        event.proc_id = (kind.app != "kernel").then(|| random.random_range(300..33_000));
        event.msg_id = kind.msg_id;
        event.message.clear();
        event.attributes.clear();
        (kind.tell)(random, event);
        &self.event
    }
}

fn pick_kind(random: &mut StdRng) -> &'static Kind {
    const TOTAL: u32 = {
        let (mut total, mut i) = (0, 0);
        while i < KINDS.len() {
            total += KINDS[i].weight;
            i += 1;
        }
        total
    };
    let mut left = random.random_range(0..TOTAL);
    for kind in &KINDS {
        if left < kind.weight {
            return kind;
        }
        left -= kind.weight;
    }
    &KINDS[0]
}

/// Replaces the text of the message.
macro_rules! say {
    ($event:expr, $($text:tt)*) => {
        // Writing to a string does not fail.
        let _ = write!($event.message, $($text)*);
    };
}

fn one_of(random: &mut StdRng, words: &[&'static str]) -> &'static str {
    words.choose(random).copied().unwrap_or_default()
}

fn chance(random: &mut StdRng, percent: u32) -> bool {
    random.random_range(0..100) < percent
}

/// Mostly small, now and then very large, as latencies are.
fn latency_ms(random: &mut StdRng) -> f64 {
    let base: f64 = random.random_range(0.0..1.0);
    let micros = 400.0 + 60_000.0 * base.powi(4) + if base > 0.995 { 2_500_000.0 } else { 0.0 };
    micros.round() / 1000.0
}

fn user_id(random: &mut StdRng) -> i64 {
    random.random_range(1_000..5_000)
}

fn request_id(random: &mut StdRng) -> String {
    format!("{:016x}", random.random::<u64>())
}

fn address(random: &mut StdRng) -> String {
    let [a, b, c] = random.random::<[u8; 3]>();
    format!("10.{a}.{b}.{c}")
}

const PATHS: [&str; 8] = [
    "/",
    "/products",
    "/products/search?q=teapot",
    "/cart",
    "/checkout",
    "/api/v1/orders",
    "/api/v1/stock",
    "/static/app.js",
];

fn request(random: &mut StdRng, event: &mut Event) {
    let method = one_of(random, &["GET", "GET", "GET", "GET", "POST", "PUT", "DELETE"]);
    let path = one_of(random, &PATHS);
    let status = match random.random_range(0..1_000) {
        0..900 => 200,
        900..940 => 304,
        940..980 => 404,
        980..995 => 403,
        _ => 502,
    };
    let latency = latency_ms(random);
    event.severity = match status {
        500.. => Severity::Error,
        400.. => Severity::Notice,
        _ => Severity::Info,
    };
    let client = address(random);
    let bytes = random.random_range(180..64_000);
    say!(event, "{client} \"{method} {path} HTTP/1.1\" {status} {bytes} {latency}ms");
    event.attributes.extend([
        ("status", Value::Integer(status)),
        ("latency_ms", Value::Decimal(latency)),
        ("request_id", Value::Text(request_id(random))),
    ]);
}

fn order(random: &mut StdRng, event: &mut Event) {
    let user = user_id(random);
    let order = random.random_range(100_000..999_999);
    let cents = random.random_range(399..45_000);
    if chance(random, 4) {
        event.severity = Severity::Warning;
        say!(event, "order {order} is held: the address of user {user} could not be verified");
    } else {
        let (euros, cents) = (cents / 100, cents % 100);
        say!(event, "order {order} placed by user {user} for {euros}.{cents:02} EUR");
    }
    event.attributes.extend([
        ("user_id", Value::Integer(user)),
        ("order_id", Value::Integer(order)),
        ("amount_cents", Value::Integer(cents)),
        ("request_id", Value::Text(request_id(random))),
    ]);
}

fn upstream(random: &mut StdRng, event: &mut Event) {
    let service = one_of(random, &["checkout", "inventory", "auth-service", "recommendations"]);
    let latency = latency_ms(random);
    if chance(random, 3) {
        event.severity = Severity::Error;
        say!(event, "upstream {service} did not answer in time: context deadline exceeded");
        event.attributes.push(("error", Value::Text("context deadline exceeded".into())));
    } else {
        event.severity = Severity::Debug;
        say!(event, "upstream {service} answered in {latency} ms");
    }
    event.attributes.extend([
        ("upstream", Value::Text(service.into())),
        ("latency_ms", Value::Decimal(latency)),
        ("request_id", Value::Text(request_id(random))),
    ]);
}

fn stock(random: &mut StdRng, event: &mut Event) {
    let sku = format!("SKU-{:05}", random.random_range(0..2_000));
    let left = random.random_range(0..400);
    if left < 5 {
        event.severity = Severity::Warning;
        say!(event, "stock of {sku} is low: {left} left");
    } else {
        say!(event, "reserved 1 of {sku}, {left} left");
    }
    event.attributes.extend([("sku", Value::Text(sku)), ("left", Value::Integer(left))]);
}

fn database(random: &mut StdRng, event: &mut Event) {
    let latency = latency_ms(random);
    match random.random_range(0..10) {
        0 => {
            event.severity = Severity::Error;
            let key = random.random_range(1..90_000);
            say!(event, "ERROR:  duplicate key value violates unique constraint \"orders_pkey\" ");
            say!(event, "DETAIL:  Key (id)=({key}) already exists.");
        }
        1..4 => {
            say!(
                event,
                "LOG:  checkpoint complete: wrote {} buffers",
                random.random_range(8..9_000)
            );
        }
        _ => {
            say!(
                event,
                "LOG:  duration: {latency} ms  statement: SELECT * FROM orders WHERE id = $1"
            );
            event.attributes.push(("duration_ms", Value::Decimal(latency)));
        }
    }
}

fn login(random: &mut StdRng, event: &mut Event) {
    let user = user_id(random);
    let client = address(random);
    if chance(random, 12) {
        event.severity = Severity::Notice;
        say!(event, "login of user {user} refused: wrong password");
        event.attributes.push(("reason", Value::Text("wrong password".into())));
    } else {
        say!(event, "user {user} logged in");
    }
    event
        .attributes
        .extend([("user_id", Value::Integer(user)), ("client_ip", Value::Text(client))]);
}

fn ssh(random: &mut StdRng, event: &mut Event) {
    let client = address(random);
    let port = random.random_range(1_024..65_000);
    let user = one_of(random, &["root", "admin", "deploy", "oracle", "ubuntu"]);
    if user == "deploy" {
        say!(event, "Accepted publickey for deploy from {client} port {port} ssh2");
    } else {
        event.severity = Severity::Warning;
        say!(event, "Failed password for invalid user {user} from {client} port {port} ssh2");
    }
}

fn mail(random: &mut StdRng, event: &mut Event) {
    let client = address(random);
    let queue_id: u32 = random.random();
    say!(event, "{queue_id:08X}: client=unknown[{client}], sasl_method=PLAIN");
}

fn cron(random: &mut StdRng, event: &mut Event) {
    let command = one_of(random, &["/usr/local/bin/backup", "/usr/bin/certbot renew", "run-parts"]);
    say!(event, "(root) CMD ({command})");
}

fn kernel(random: &mut StdRng, event: &mut Event) {
    let uptime = random.random_range(1_000..9_000_000);
    if chance(random, 8) {
        event.severity = Severity::Critical;
        let process = random.random_range(300..33_000);
        say!(event, "[{uptime}.000123] Out of memory: Killed process {process} (node)");
    } else {
        event.severity = Severity::Notice;
        let client = address(random);
        say!(event, "[{uptime}.000123] [UFW BLOCK] IN=eth0 SRC={client} DST=10.0.0.1 PROTO=TCP");
    }
}

fn systemd(random: &mut StdRng, event: &mut Event) {
    let unit = one_of(random, &["checkout.service", "logrotate.service", "apt-daily.timer"]);
    say!(event, "Started {unit}.");
    event.attributes.push(("unit", Value::Text(unit.into())));
}

fn payment_failure(random: &mut StdRng, event: &mut Event) {
    let error = one_of(
        random,
        &[
            "the card was declined by the issuer",
            "connection reset by peer while reading response header",
            "TLS handshake timed out",
            "unexpected end of JSON input",
        ],
    );
    let (user, order) = (user_id(random), random.random_range(100_000..999_999));
    event.severity = Severity::Error;
    say!(event, "payment of order {order} failed: {error}");
    event.attributes.extend([
        ("user_id", Value::Integer(user)),
        ("order_id", Value::Integer(order)),
        ("error", Value::Text(error.into())),
        ("attempt", Value::Integer(random.random_range(1..5))),
    ]);
}

fn backend_down(random: &mut StdRng, event: &mut Event) {
    let number = random.random_range(1..=HOSTS);
    if chance(random, 20) {
        event.severity = Severity::Alert;
        say!(event, "backend shop has no server available!");
    } else {
        event.severity = Severity::Warning;
        say!(event, "Server shop/app-{number:02} is DOWN, reason: Layer7 timeout");
    }
    event.attributes.push(("backend", Value::Text("shop".into())));
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn events(seed: u64, n: usize) -> Vec<Event> {
        let mut made_up = MadeUp::new(seed);
        (0..n).map(|_| made_up.next().clone()).collect()
    }

    #[test]
    fn equal_seeds_give_equal_events_and_others_do_not() {
        assert_eq!(events(42, 500), events(42, 500));
        assert_ne!(events(42, 500), events(43, 500));
    }

    #[test]
    fn every_service_and_most_severities_occur() {
        let events = events(1, 20_000);
        let apps: BTreeSet<_> = events.iter().map(|e| e.app.clone()).collect();
        let severities: BTreeSet<_> = events.iter().map(|e| e.severity).collect();
        assert_eq!(apps.len(), KINDS.len());
        assert_eq!(severities.len(), 7, "{severities:?}");
        let errors = events.iter().filter(|e| e.severity <= Severity::Error).count();
        assert!((200..2_000).contains(&errors), "{errors} errors in 20,000 lines");
    }

    #[test]
    fn every_event_fits_a_syslog_header_and_one_line() {
        let is_word = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
        for event in events(7, 5_000) {
            assert!(is_word(&event.host) && is_word(&event.app), "{event:?}");
            assert!(!event.message.is_empty() && !event.message.contains('\n'), "{event:?}");
        }
    }
}
