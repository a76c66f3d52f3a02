//! What processes have used, read from `/proc`.

use std::fs;
use std::path::Path;

use anyhow::{Context, anyhow};

/// Processor time in microseconds.
pub type Micros = f64;

/// User and system time of one process, all its threads, without its children.
pub fn of(pid: u32) -> anyhow::Result<Micros> {
    let stat = Stat::read(pid).with_context(|| format!("process {pid} has ended"))?;
    Ok(stat.own)
}

/// The same with its children, including those that have ended.
pub fn of_family(pid: u32) -> anyhow::Result<Micros> {
    let head = Stat::read(pid).with_context(|| format!("process {pid} has ended"))?;
    let children = processes().filter(|child| child.parent == pid).map(|child| child.own);
    Ok(head.own + head.reaped + children.sum::<Micros>())
}

/// The only child of this process that runs this program.
pub fn child(program: &Path) -> anyhow::Result<u32> {
    let own = std::process::id();
    let name = program.file_name().unwrap_or_default().to_string_lossy();
    // The kernel keeps only the first 15 bytes of a name.
    let name = name.get(..15).unwrap_or(&name);
    let found = processes().find(|process| process.parent == own && process.name == name);
    found.map(|process| process.pid).ok_or_else(|| anyhow!("no process {name}"))
}

/// A line of `/proc/PID/status` in megabytes: `VmRSS` is what is resident, `VmHWM` its peak.
pub fn memory(pid: u32, line: &str) -> anyhow::Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let value = status.lines().find_map(|found| found.strip_prefix(line)?.strip_prefix(':'));
    let kilobytes = value.and_then(|value| value.trim().strip_suffix(" kB")?.parse::<f64>().ok());
    Ok(kilobytes.with_context(|| format!("no {line} of process {pid}"))? / 1024.0)
}

struct Stat {
    pid: u32,
    name: String,
    parent: u32,
    own: Micros,
    reaped: Micros,
}

fn processes() -> impl Iterator<Item = Stat> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| Stat::read(entry.file_name().to_str()?.parse().ok()?))
}

impl Stat {
    /// Fields as in proc_pid_stat(5). The second is the name in parentheses, which may contain any
    /// character. The fields after it are counted from the third.
    fn read(pid: u32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let (head, tail) = stat.rsplit_once(") ")?;
        let fields: Vec<_> = tail.split_whitespace().collect();
        let field = |number: usize| fields.get(number - 3)?.parse::<u32>().ok();
        let ticks = |number| Some(f64::from(field(number)?) * microseconds_per_tick());
        Some(Self {
            pid,
            name: head.split_once('(')?.1.to_owned(),
            parent: field(4)?,
            own: ticks(14)? + ticks(15)?,
            reaped: ticks(16)? + ticks(17)?,
        })
    }
}

#[expect(clippy::cast_precision_loss, reason = "a hundred ticks a second, or a thousand")]
fn microseconds_per_tick() -> f64 {
    1e6 / rustix::param::clock_ticks_per_second() as f64
}
