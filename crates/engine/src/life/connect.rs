use l0_stage::observe::Readiness;
use l0_stage::{Context, Error, Stop, Why, Writer};
use tracing::info;

use super::failure::Failure;
use crate::contain::Contain;
use crate::pipeline::Stage;
use crate::work::trouble::Trouble;
use l0_config::Config;

/// Connects stages, and waits for services that cannot be reached yet.
pub(crate) struct Connecting<'a> {
    pub config: &'a Config,
    pub context: &'a Context,
    pub readiness: &'a Readiness,
    pub stop: &'a Stop,
    pub fail_fast: bool,
}

impl Connecting<'_> {
    /// Connects a stage, and tries again until its service answers. `None` if the stop was
    /// requested first.
    pub async fn stage<S: Contain + ?Sized>(
        &self,
        stage: &Stage<S>,
    ) -> Result<Option<Box<S>>, Failure> {
        let starting = format!("connecting to {}", self.config.printable(&stage.summary()));
        let starting = self.readiness.report(S::NAME, Why::Starting, starting);
        let connected = self.at_once(stage).await?;
        drop(starting);
        if connected.is_some() {
            info!("{} connected: {}", S::NAME, self.config.printable(&stage.summary()));
        }
        Ok(connected)
    }

    /// Connects a stage that has no service. Unlike [`stage`](Self::stage), it neither reports that
    /// the stage is starting nor logs its success.
    pub async fn at_once<S: Contain + ?Sized>(
        &self,
        stage: &Stage<S>,
    ) -> Result<Option<Box<S>>, Failure> {
        self.patiently(S::NAME, &stage.section, || stage.connect(self.context)).await
    }

    /// Opens a worker's writer, and tries again until the sink's service answers.
    pub async fn writer(
        &self,
        sink: &dyn l0_stage::Sink,
    ) -> Result<Option<Box<dyn Writer>>, Failure> {
        self.patiently("sink", "sink", || sink.writer()).await
    }

    async fn patiently<T, F>(
        &self,
        role: &'static str,
        section: &str,
        mut attempt: impl FnMut() -> F,
    ) -> Result<Option<T>, Failure>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let mut trouble = Trouble::new(self.readiness, role);
        loop {
            let answer = tokio::select! {
                answer = attempt() => answer,
                () = self.stop.requested() => return Ok(None),
            };
            let error = match answer {
                Ok(connected) => {
                    trouble.heal();
                    return Ok(Some(connected));
                }
                Err(error) => self.at_its_line(section, error),
            };
            match error {
                Error::Retryable { .. } if !self.fail_fast => tokio::select! {
                    () = trouble.wait(&error) => {}
                    () = self.stop.requested() => return Ok(None),
                },
                Error::Retryable { error, .. } => return Err(Failure::Unreachable(error)),
                error => return Err(Failure::from(error)),
            }
        }
    }

    /// Turns findings about a connected service into diagnostics at the lines of their keys.
    fn at_its_line(&self, section: &str, error: Error) -> Error {
        let Some(findings) = error.findings() else { return error };
        let located: Vec<_> =
            findings.0.iter().map(|finding| self.config.locate(section, finding)).collect();
        let messages: Vec<_> = located.iter().map(|found| found.message.as_str()).collect();
        let headline = format!("[{section}] does not fit: {}", messages.join("; "));
        let lines: Vec<_> = located.iter().map(ToString::to_string).collect();
        Error::retryable(Why::Mismatch, Located { headline, lines: Lines(lines.join("\n")) })
    }
}

/// A mismatch between a section and its service. Its cause quotes the lines of the file. `/readyz`
/// shows only the headline.
#[derive(Debug, thiserror::Error)]
#[error("{headline}")]
struct Located {
    headline: String,
    #[source]
    lines: Lines,
}

#[derive(Debug, thiserror::Error)]
#[error("see\n{0}")]
struct Lines(String);
