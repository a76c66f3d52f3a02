//! A child process with its own children: its output, its signals, and its certain end.

mod family;
mod output;
mod spawner;

use std::fmt;
use std::process::{Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::Context;
use rustix::process::Signal;
use tokio::sync::watch;

pub use output::Output;

use crate::programs;
use family::Family;

/// How long an orderly end may take when a value is dropped. After it the process is killed.
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) struct Process {
    name: String,
    family: Family,
    output: watch::Receiver<Output>,
    exit: watch::Receiver<Option<ExitStatus>>,
    reaper: Option<JoinHandle<()>>,
    last_signal: Signal,
}

impl Process {
    /// Starts a command made by [`command`]. `last_signal` ends it when the value is dropped.
    pub(crate) fn spawn(
        name: &str,
        mut command: Command,
        last_signal: Signal,
    ) -> anyhow::Result<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = spawner::spawn(command).with_context(|| format!("cannot start {name}"))?;
        let family = Family::of(&child)?;
        let output = output::capture(&mut child);
        let (exited, exit) = watch::channel(None);
        let reaper = thread::spawn(move || {
            exited.send_replace(child.wait().ok());
        });
        Ok(Self { name: name.to_owned(), family, output, exit, reaper: Some(reaper), last_signal })
    }

    /// Signals the process itself, not its children. Does nothing if it has ended.
    pub(crate) fn signal(&self, signal: Signal) {
        self.family.signal_head(signal);
    }

    pub(crate) fn freeze(&self) {
        self.family.freeze();
    }

    pub(crate) fn thaw(&self) {
        self.family.thaw();
    }

    /// SIGKILL to the process and its children; returns when they are gone.
    pub(crate) async fn kill(&self) {
        self.family.kill();
        self.wait(PATIENCE).await;
    }

    /// # Panics
    /// When it has not ended before the deadline.
    pub(crate) async fn wait(&self, deadline: Duration) -> ExitStatus {
        let (mut exit, mut output) = (self.exit.clone(), self.output.clone());
        let ended = async {
            let status = exit.wait_for(Option::is_some).await.ok().and_then(|status| *status);
            let _closed = output.wait_for(|_| false).await;
            status
        };
        match tokio::time::timeout(deadline, ended).await {
            Ok(Some(status)) => status,
            Ok(None) => panic!("{}: its exit status was lost", self.name),
            Err(_) => panic!("{} still runs after {deadline:?}\n{}", self.name, self.report()),
        }
    }

    /// The first line of the output that contains `needle`, as soon as it is printed.
    pub(crate) async fn wait_for_line(
        &self,
        needle: &str,
        deadline: Duration,
    ) -> anyhow::Result<String> {
        let mut output = self.output.clone();
        let printed = output.wait_for(|output| output.line_with(needle).is_some());
        let awaited = || format!("{}: no `{needle}`", self.name);
        let output = tokio::time::timeout(deadline, printed)
            .await
            .with_context(|| format!("{} within {deadline:?}\n{}", awaited(), self.report()))?
            .with_context(|| format!("{} before it ended\n{}", awaited(), self.report()))?;
        Ok(output.line_with(needle).unwrap_or_default().to_owned())
    }

    pub(crate) fn output(&self) -> Output {
        self.output.borrow().clone()
    }

    fn report(&self) -> String {
        format!("--- {} printed last:\n{}---", self.name, self.output.borrow().tail())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.last_signal != Signal::KILL {
            self.family.thaw();
            self.family.signal_head(self.last_signal);
            self.family.wait_for_head(PATIENCE);
        }
        self.family.kill();
        if let Some(reaper) = self.reaper.take() {
            let _ = reaper.join();
        }
        if thread::panicking() {
            eprintln!("{}", self.report());
        }
    }
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Process").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A command that ends together with the test binary; as another user if one is named.
pub(crate) fn command(
    program: impl AsRef<std::ffi::OsStr>,
    user: Option<&str>,
) -> anyhow::Result<Command> {
    let user = user.map(|user| {
        [format!("--reuid={user}"), format!("--regid={user}"), "--init-groups".to_owned()]
    });
    with_setpriv(user.as_ref().map_or(&[], |args| args.as_slice()), program)
}

/// A command as the present user, but subject to file permissions even if that is root.
pub(crate) fn powerless(program: impl AsRef<std::ffi::OsStr>) -> anyhow::Result<Command> {
    let all = ["--inh-caps=-all".to_owned(), "--bounding-set=-all".to_owned()];
    let is_root = rustix::process::geteuid().is_root();
    with_setpriv(if is_root { &all } else { &[] }, program)
}

fn with_setpriv(
    arguments: &[String],
    program: impl AsRef<std::ffi::OsStr>,
) -> anyhow::Result<Command> {
    let setpriv = programs::in_path("setpriv").context("setpriv (util-linux) not found")?;
    let mut command = Command::new(setpriv);
    command.args(arguments).args(["--pdeathsig", "KILL", "--"]).arg(program);
    Ok(command)
}
