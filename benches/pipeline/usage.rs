//! What processes use, read from /proc.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;

/// Clock ticks a second in /proc, the same on every Linux of ours (USER_HZ).
const TICKS: u64 = 100;

/// A process that stands for itself and everything it started.
#[derive(Clone, Debug)]
pub struct Root {
    pub name: &'static str,
    pub pid: u32,
}

/// What a root used.
#[derive(Clone, Debug)]
pub struct Usage {
    pub name: &'static str,
    /// User and system time, children that have ended included.
    pub cpu: Duration,
    /// Private memory (RssAnon), in bytes: what is shared, as Postgres's buffers, is left out.
    pub memory: u64,
}

/// The CPU time of this process, without its children.
pub fn own_cpu() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_SELF).expect("a process knows what it used");
    let time = |time: TimeVal| Duration::new(time.tv_sec() as u64, time.tv_usec() as u32 * 1000);
    time(usage.user_time()) + time(usage.system_time())
}

/// Reads what each root has used so far.
pub fn read(roots: &[Root]) -> Vec<Usage> {
    let table = processes();
    roots
        .iter()
        .map(|root| {
            let tree: Vec<u32> = table
                .keys()
                .copied()
                .filter(|pid| ancestors(&table, *pid).any(|ancestor| ancestor == root.pid))
                .collect();
            let ticks: u64 = tree.iter().map(|pid| table[pid].ticks).sum();
            Usage {
                name: root.name,
                cpu: Duration::from_millis(ticks * 1000 / TICKS),
                memory: tree.iter().map(|pid| private_memory(*pid)).sum(),
            }
        })
        .collect()
}

struct Process {
    parent: u32,
    /// utime + stime + cutime + cstime
    ticks: u64,
}

/// Every process of the machine.
fn processes() -> BTreeMap<u32, Process> {
    let Ok(entries) = fs::read_dir("/proc") else { return BTreeMap::new() };
    entries
        .flatten()
        .filter_map(|entry| {
            let pid: u32 = entry.file_name().to_str()?.parse().ok()?;
            let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
            Some((pid, parse_stat(&stat)?))
        })
        .collect()
}

/// Reads `pid (name) state ppid …`, see proc(5); the name may hold anything.
fn parse_stat(stat: &str) -> Option<Process> {
    let (_, rest) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let times = fields.get(11..15)?;
    let ticks = times.iter().map(|field| field.parse::<u64>().ok()).sum::<Option<u64>>()?;
    Some(Process { parent: fields.get(1)?.parse().ok()?, ticks })
}

/// The process itself, its parent, and so on.
fn ancestors(table: &BTreeMap<u32, Process>, pid: u32) -> impl Iterator<Item = u32> {
    std::iter::successors(Some(pid), |pid| table.get(pid).map(|process| process.parent))
}

fn private_memory(pid: u32) -> u64 {
    // It may have ended meanwhile.
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    let kibibytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kibibytes.unwrap_or(0) * 1024
}
