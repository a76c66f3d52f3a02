use std::fs;

use l0_stage::Finding;
use l0_stage::doctor::Check;
use l0_stage::text::in_units;

use super::OfStage;
use crate::pipeline::settings::SECTION;

/// Compares the memory that the stages may use with the free memory of this machine or container. A
/// warning points at the key with the largest part.
pub(super) fn check(stages: &[OfStage]) -> Option<(&str, Check)> {
    let parts = stages.iter().flat_map(|stage| {
        let memory = stage.examination.memory.iter();
        memory.map(|(key, bytes)| (stage.section.as_str(), *key, *bytes as u64))
    });
    let parts: Vec<_> = parts.collect();
    let needed = parts.iter().fold(0_u64, |sum, (_, _, bytes)| sum.saturating_add(*bytes));
    let (section, key, _) = *parts.iter().max_by_key(|(_, _, bytes)| *bytes)?;
    let left = available()?;
    if needed > left / 2 {
        let message = format!(
            "batches and caches may take {} of memory, but this machine or container has {} free",
            in_units(needed),
            in_units(left)
        );
        let help = "lower this limit or pipeline.workers; processing the batches needs the same amount again";
        return Some((section, Check::warning("memory", Finding::new(key, message).help(help))));
    }
    let seen =
        format!("{} at most for batches and caches, of {}", in_units(needed), in_units(left));
    Some((SECTION, Check::fine("memory", seen)))
}

/// The bytes that this process may still allocate, by the limit of the machine or of its container.
fn available() -> Option<u64> {
    let number = |file: &str| fs::read_to_string(file).ok()?.trim().parse::<u64>().ok();
    let group = |limit: &str, used: &str| Some(number(limit)?.saturating_sub(number(used)?));
    let of_container = group("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current");
    let of_machine = fs::read_to_string("/proc/meminfo").ok();
    let of_machine = of_machine.as_deref().and_then(mem_available);
    of_container.into_iter().chain(of_machine).min()
}

/// Reads the bytes from the line `MemAvailable:   12345 kB`.
fn mem_available(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_says_of_its_memory_is_read() {
        let text = "MemTotal:       16384 kB\nMemAvailable:    2048 kB\n";
        assert_eq!(mem_available(text), Some(2 << 20));
        assert_eq!(mem_available("MemTotal: 1 kB\n"), None);
    }
}
