//! A process and its children: signals and certain ends.

use std::fs;
use std::os::fd::{AsFd, OwnedFd};
use std::process::Child;
use std::time::{Duration, Instant};

use anyhow::Context;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

/// How long the kernel may take to end killed processes, or to stop processes.
const KILLED: Duration = Duration::from_secs(10);
const STOPPED: Duration = Duration::from_secs(10);

/// A process and its direct children, which need not be in its process group: a Postgres backend
/// has its own session. Processes are held by file descriptors, so no signal reaches another
/// process that got the number of an ended one.
pub(super) struct Family {
    pid: Pid,
    head: OwnedFd,
}

impl Family {
    /// The child must not have been waited for.
    pub(super) fn of(child: &Child) -> anyhow::Result<Self> {
        let pid = Pid::from_child(child);
        let head = pidfd_open(pid, PidfdFlags::empty()).context("cannot open a pidfd")?;
        Ok(Self { pid, head })
    }

    pub(super) fn signal_head(&self, signal: Signal) {
        send(&self.head, signal);
    }

    /// Returns when all its threads have stopped. The signal alone only says that they will stop.
    pub(super) fn freeze(&self) {
        for (pid, _) in self.freeze_and_list() {
            until_stopped(pid);
        }
    }

    pub(super) fn thaw(&self) {
        for (_, child) in self.children() {
            send(&child, Signal::CONT);
        }
        self.signal_head(Signal::CONT);
    }

    pub(super) fn kill(&self) {
        let children = self.freeze_and_list();
        self.signal_head(Signal::KILL);
        for (_, child) in &children {
            send(child, Signal::KILL);
        }
        self.wait_for_head(KILLED);
        for (_, child) in &children {
            wait_for(child, KILLED);
        }
    }

    pub(super) fn wait_for_head(&self, patience: Duration) {
        wait_for(&self.head, patience);
    }

    /// The parent is stopped first, so that it starts no more children while they are listed.
    fn freeze_and_list(&self) -> Vec<(Pid, OwnedFd)> {
        self.signal_head(Signal::STOP);
        until_stopped(self.pid);
        let children = self.children();
        for (_, child) in &children {
            send(child, Signal::STOP);
        }
        children
    }

    fn children(&self) -> Vec<(Pid, OwnedFd)> {
        if has_ended(&self.head) {
            return Vec::new();
        }
        let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
        processes
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .filter(|pid| parent_of(*pid) == Some(self.pid.as_raw_pid()))
            .filter_map(Pid::from_raw)
            .filter_map(|pid| Some((pid, pidfd_open(pid, PidfdFlags::empty()).ok()?)))
            .collect()
    }
}

/// It fails only for a process that has ended, and most signals are sent for that purpose.
fn send(process: &OwnedFd, signal: Signal) {
    let _ = pidfd_send_signal(process, signal);
}

fn has_ended(process: &OwnedFd) -> bool {
    wait_for(process, Duration::ZERO)
}

/// Whether the process ended within `patience`. It blocks the thread, but only for milliseconds.
fn wait_for(process: &OwnedFd, patience: Duration) -> bool {
    let deadline = Instant::now() + patience;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = Timespec {
            tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: left.subsec_nanos().into(),
        };
        match poll(&mut [PollFd::from_borrowed_fd(process.as_fd(), PollFlags::IN)], Some(&timeout))
        {
            Ok(ready) => return ready > 0,
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return false,
        }
    }
}

/// Waits until every thread of a process is stopped or gone. The kernel notifies only the parent,
/// so this looks every millisecond.
fn until_stopped(pid: Pid) {
    let deadline = Instant::now() + STOPPED;
    while any_thread_runs(pid) && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn any_thread_runs(pid: Pid) -> bool {
    let threads = fs::read_dir(format!("/proc/{}/task", pid.as_raw_pid()));
    threads.into_iter().flatten().flatten().any(|thread| {
        let stat = fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
        let state = stat.rsplit_once(')').and_then(|(_, rest)| rest.trim_start().chars().next());
        // Stopped, traced, a zombie, or dead. A thread without a state has ended.
        state.is_some_and(|state| !"TtZXx".contains(state))
    })
}

/// The fourth field of `/proc/PID/stat`. The second is the name in parentheses, which may contain
/// any character.
fn parent_of(pid: i32) -> Option<i32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}
