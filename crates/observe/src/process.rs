//! The memory and the CPU time of this process, as the operating system reports them.

use std::fs;

use rustix::time::{ClockId, clock_gettime};

/// Bytes of physical memory that the process uses. `None` on a system without `/proc`.
#[must_use]
pub fn resident_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim_end().parse().ok()?;
    Some(kilobytes * 1024)
}

/// The CPU seconds of the process, summed over all processors.
pub(crate) fn cpu_seconds() -> f64 {
    let used = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = u32::try_from(used.tv_sec).unwrap_or(u32::MAX);
    let nanos = u32::try_from(used.tv_nsec).unwrap_or_default();
    f64::from(seconds) + f64::from(nanos) / 1e9
}
