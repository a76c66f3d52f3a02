//! A service that can be stopped and started again.

use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;

use crate::process::Process;

/// How long a server may take to start or to stop. After it the test fails.
const PATIENCE: Duration = Duration::from_secs(30);

type Build = dyn Fn() -> anyhow::Result<Command> + Send + Sync;

/// A service that can be started again in the same way.
pub(crate) struct Server {
    name: &'static str,
    /// The text that it prints once it accepts connections.
    ready: &'static str,
    last_signal: Signal,
    build: Box<Build>,
    process: Process,
}

impl Server {
    pub(crate) async fn start(
        name: &'static str,
        ready: &'static str,
        last_signal: Signal,
        build: impl Fn() -> anyhow::Result<Command> + Send + Sync + 'static,
    ) -> anyhow::Result<Self> {
        let process = Process::spawn(name, build()?, last_signal)?;
        process.wait_for_line(ready, PATIENCE).await?;
        Ok(Self { name, ready, last_signal, build: Box::new(build), process })
    }

    /// Starts it again. The old process must have ended.
    pub(crate) async fn restart(&mut self) {
        let started = async {
            self.process = Process::spawn(self.name, (self.build)()?, self.last_signal)?;
            self.process.wait_for_line(self.ready, PATIENCE).await
        };
        started.await.unwrap_or_else(|error| panic!("cannot start again: {error:#}"));
    }

    pub(crate) async fn stop(&mut self, signal: Signal) {
        self.process.signal(signal);
        self.process.wait(PATIENCE).await;
    }

    pub(crate) async fn kill(&mut self) {
        self.process.kill().await;
    }

    pub(crate) fn signal(&self, signal: Signal) {
        self.process.signal(signal);
    }

    pub(crate) fn freeze(&self) {
        self.process.freeze();
    }

    pub(crate) fn thaw(&self) {
        self.process.thaw();
    }

    pub(crate) fn log(&self) -> String {
        let output = self.process.output();
        output.stdout + &output.stderr
    }
}
