//! Made-up RFC 5424 lines: what a dozen services of 200 hosts might say, 260 bytes on average. The
//! same number always gives the same line, but for its time.

use std::io::Write;

use chrono::{DateTime, Utc};

const APPS: [&str; 12] = [
    "nginx", "sshd", "kernel", "postgres", "cron", "gateway", "billing", "auth", "worker", "redis",
    "haproxy", "kubelet",
];
/// PRI of facility local0 with info four times as frequent as the others.
const PRIORITIES: [u8; 8] = [134, 134, 134, 134, 133, 132, 131, 135];
const METHODS: [&str; 4] = ["GET", "POST", "PUT", "DELETE"];
const STATUSES: [u16; 8] = [200, 200, 200, 201, 301, 404, 500, 503];
const ENDINGS: [&str; 4] = [
    "timeout waiting for peer",
    "client hung up early",
    "session completed fine",
    "authentication failure",
];

/// Writes lines, one after the other.
#[derive(Default)]
pub struct Lines {
    number: u64,
    /// The second the clock shows, as it is written.
    second: String,
    second_of: i64,
}

impl Lines {
    /// Appends the next line, without an end of line.
    pub fn write_next(&mut self, to: &mut Vec<u8>, now: DateTime<Utc>) {
        if self.second_of != now.timestamp() || self.second.is_empty() {
            self.second_of = now.timestamp();
            self.second = now.format("%Y-%m-%dT%H:%M:%S").to_string();
        }
        let number = self.number;
        self.number += 1;
        let mut dice = Dice(number);
        // Writing to a vector does not fail.
        let _ = write!(
            to,
            "<{}>1 {}.{:06}Z host-{:03} {} {} ID{} [meta@32473 seq=\"{number}\" zone=\"eu-{}\"] ",
            dice.pick(&PRIORITIES),
            self.second,
            now.timestamp_subsec_micros().min(999_999),
            dice.below(200),
            dice.pick(&APPS),
            1000 + dice.below(9000),
            dice.below(64),
            dice.below(4),
        );
        write_message(to, &mut dice);
    }
}

fn write_message(to: &mut Vec<u8>, dice: &mut Dice) {
    let id = dice.roll();
    let _ = match dice.below(4) {
        0 => write!(
            to,
            "{} /api/v2/accounts/{}/orders/{} HTTP/1.1 status={} bytes={} upstream_ms={} \
             client=10.{}.{}.{} req={id:016x} ua=Mozilla/5.0",
            dice.pick(&METHODS),
            dice.below(50_000),
            dice.below(900_000),
            dice.pick(&STATUSES),
            dice.below(65_536),
            dice.below(2_000),
            dice.below(256),
            dice.below(256),
            dice.below(256),
        ),
        1 => write!(
            to,
            "connection from 10.{}.{}.{} port {} closed after {} ms: user=u{} session={id:016x} \
             reason=\"{}\" retries={} state=done",
            dice.below(256),
            dice.below(256),
            dice.below(256),
            dice.below(65_536),
            dice.below(90_000),
            dice.below(30_000),
            dice.pick(&ENDINGS),
            dice.below(8),
        ),
        2 => write!(
            to,
            "job {} finished in {} ms, processed {} records from queue orders-{} on shard {}, \
             checksum {id:016x}, next run scheduled in {} seconds",
            dice.below(1_000_000),
            dice.below(60_000),
            dice.below(100_000),
            dice.below(16),
            dice.below(64),
            dice.below(600),
        ),
        _ => write!(
            to,
            "slow query detected: duration {} ms statement=\"select * from t{} where id = {} order \
             by created_at desc limit {}\" rows={} plan={id:016x}",
            dice.below(10_000),
            dice.below(40),
            dice.below(1_000_000),
            dice.below(500),
            dice.below(5_000),
        ),
    };
}

/// SplitMix64: numbers that look random, the same for the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        x ^ (x >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.roll() % limit
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len() as u64) as usize]
    }
}
