use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

use rustix::process::Signal;

use crate::process::{self, Output, Process};

/// The binary under test, running.
#[derive(Debug)]
pub struct Runtime(Process);

/// How to start the binary; made by [`Runtime::launch`].
#[derive(Debug, Clone)]
pub struct Launch {
    binary: PathBuf,
    args: Vec<OsString>,
    folder: PathBuf,
    variables: Vec<(OsString, OsString)>,
    is_powerless: bool,
}

impl Runtime {
    /// Prepares the binary, `env!("CARGO_BIN_EXE_l0-runtime")`, in the current folder, with an
    /// environment that contains only `PATH`.
    pub fn launch(binary: impl Into<PathBuf>) -> Launch {
        Launch {
            binary: binary.into(),
            args: vec![],
            folder: ".".into(),
            variables: vec![],
            is_powerless: false,
        }
    }

    /// The first line of its output that contains `needle`, as soon as it is printed.
    ///
    /// # Panics
    /// With the output, when it ends or the deadline passes before.
    pub async fn wait_for_log(&self, needle: &str, deadline: Duration) -> String {
        self.0.wait_for_line(needle, deadline).await.unwrap_or_else(|error| panic!("{error:#}"))
    }

    /// Its exit status; after this [`Runtime::output`] is complete.
    ///
    /// # Panics
    /// With the output, when it still runs at the deadline.
    pub async fn wait(&self, deadline: Duration) -> ExitStatus {
        self.0.wait(deadline).await
    }

    /// What it has printed so far.
    #[must_use]
    pub fn output(&self) -> Output {
        self.0.output()
    }

    /// SIGTERM, without waiting.
    pub fn term(&self) {
        self.0.signal(Signal::TERM);
    }

    /// SIGINT, without waiting.
    pub fn int(&self) {
        self.0.signal(Signal::INT);
    }

    /// SIGSTOP, until [`Runtime::thaw`].
    pub fn freeze(&self) {
        self.0.freeze();
    }

    /// SIGCONT.
    pub fn thaw(&self) {
        self.0.thaw();
    }

    /// SIGKILL; returns when it has ended.
    pub async fn kill(&self) {
        self.0.kill().await;
    }
}

impl Launch {
    /// Adds arguments.
    #[must_use]
    pub fn args(mut self, args: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Sets the working folder.
    #[must_use]
    pub fn current_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = folder.into();
        self
    }

    /// Sets a variable of its environment.
    #[must_use]
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.variables.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Makes it subject to file permissions, even if this user is root.
    #[must_use]
    pub fn powerless(self) -> Self {
        Self { is_powerless: true, ..self }
    }

    /// Starts it.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use = "it is killed when the value is dropped"]
    pub fn start(&self) -> Runtime {
        self.try_start().unwrap_or_else(|error| panic!("{error:#}"))
    }

    /// Starts it and waits for its end: for commands that end by themselves.
    ///
    /// # Panics
    /// When it still runs at the deadline.
    pub async fn run(&self, deadline: Duration) -> (ExitStatus, Output) {
        let runtime = self.start();
        (runtime.wait(deadline).await, runtime.output())
    }

    fn try_start(&self) -> anyhow::Result<Runtime> {
        let mut command = match self.is_powerless {
            true => process::powerless(&self.binary)?,
            false => process::command(&self.binary, None)?,
        };
        command.args(&self.args).current_dir(&self.folder);
        command.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        let name = self.binary.file_name().unwrap_or_default().to_string_lossy();
        Process::spawn(&name, command, Signal::KILL).map(Runtime)
    }
}
