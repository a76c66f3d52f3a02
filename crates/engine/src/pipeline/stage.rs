use std::path::Path;
use std::sync::Arc;

use l0_stage::doctor::{Check, Condition, Examination};
use l0_stage::observe::StageInfo;
use l0_stage::{Context, Envelope, Error, Finding, MigrateOptions};

use crate::contain::{Contain, Guard};
use crate::registry::{Describing, MendingLetters, Prepared, Rehearsing};

/// A stage whose section has been read. If the stage panics, the call returns an error. The same
/// holds for every object that the stage connects.
pub struct Stage<S: ?Sized> {
    /// The section of the stage, for example `source.nats`.
    pub section: String,
    kind: Arc<dyn Prepared<S>>,
}

impl<S: ?Sized> Clone for Stage<S> {
    fn clone(&self) -> Self {
        Self { section: self.section.clone(), kind: Arc::clone(&self.kind) }
    }
}

impl<S: ?Sized> Stage<S> {
    /// Joins a stage and the name of the section that it was read from.
    #[must_use]
    pub fn new(section: String, kind: Arc<dyn Prepared<S>>) -> Self {
        Self { section, kind }
    }
}

impl<S: Contain + ?Sized> Stage<S> {
    /// Calls [`Plugin::connect`](l0_stage::Plugin::connect) and contains panics of the stage.
    ///
    /// # Errors
    /// The errors of the stage, and [`Error::Retryable`] if the stage panicked.
    pub async fn connect(&self, context: &Context) -> Result<Box<S>, Error> {
        let guard = self.guard();
        let connected = guard.attempt(self.kind.connect(context)).await?;
        Ok(connected.contained(guard))
    }

    /// Calls [`Plugin::check`](l0_stage::Plugin::check) and contains panics of the stage.
    #[must_use]
    pub fn check(&self, context: &Context) -> Vec<Finding> {
        let checked = self.guard().call(|| self.kind.check(context));
        checked.unwrap_or_else(|panicked| vec![Finding::new("", panicked.to_string())])
    }

    /// Calls [`Plugin::envelope`](l0_stage::Plugin::envelope) and contains panics of the stage.
    #[must_use]
    pub fn envelope(&self) -> Envelope {
        self.guard().call(|| self.kind.envelope()).unwrap_or_default()
    }

    /// Calls [`Plugin::check_envelope`](l0_stage::Plugin::check_envelope) and contains panics of the stage.
    #[must_use]
    pub fn check_envelope(&self, envelope: &Envelope) -> Vec<Finding> {
        let checked = self.guard().call(|| self.kind.check_envelope(envelope));
        checked.unwrap_or_else(|panicked| vec![Finding::new("", panicked.to_string())])
    }

    /// Calls [`Plugin::summary`](l0_stage::Plugin::summary) and contains panics of the stage.
    #[must_use]
    pub fn summary(&self) -> String {
        self.guard().call(|| self.kind.summary()).unwrap_or_else(|panicked| panicked.to_string())
    }

    /// Calls [`Plugin::url`](l0_stage::Plugin::url) and contains panics of the stage.
    #[must_use]
    pub fn url(&self) -> Option<String> {
        self.guard().call(|| self.kind.url()).unwrap_or_default()
    }

    /// Calls [`Plugin::certificate`](l0_stage::Plugin::certificate) and contains panics of the stage.
    #[must_use]
    pub fn certificate(&self) -> Option<&Path> {
        self.guard().call(|| self.kind.certificate()).unwrap_or_default()
    }

    /// Calls [`Plugin::examine`](l0_stage::Plugin::examine) and contains panics of the stage.
    pub async fn examine(&self, context: &Context) -> Examination {
        let examined = self.guard().wait(self.kind.examine(context)).await;
        examined.unwrap_or_else(|panicked| {
            let finding = Finding::new("", panicked.to_string());
            let condition = Condition::Trouble(finding.help("tell the author of this stage"));
            vec![Check { name: "answer", condition }].into()
        })
    }

    /// Calls [`Plugin::rehearse`](l0_stage::Plugin::rehearse) and contains panics of the stage.
    ///
    /// # Errors
    /// The errors of the stage, and [`Error::Retryable`] if the stage panicked.
    pub async fn rehearse(&self, outside: Option<&Context>) -> Rehearsing {
        self.guard().attempt(self.kind.rehearse(outside)).await
    }

    /// Calls [`Plugin::dead_letters`](l0_stage::Plugin::dead_letters) and contains panics of the stage.
    ///
    /// # Errors
    /// The errors of the stage, and [`Error::Retryable`] if the stage panicked.
    pub async fn dead_letters(&self, context: &Context, pipeline: &str) -> MendingLetters {
        self.guard().attempt(self.kind.dead_letters(context, pipeline)).await
    }

    /// Calls [`Plugin::describe`](l0_stage::Plugin::describe) and contains panics of the stage.
    ///
    /// # Errors
    /// The errors of the stage, and [`Error::Retryable`] if the stage panicked.
    pub async fn describe(&self, context: &Context, table: &str) -> Describing {
        self.guard().attempt(self.kind.describe(context, table)).await
    }

    /// Calls [`Plugin::migrate`](l0_stage::Plugin::migrate) and contains panics of the stage.
    ///
    /// # Errors
    /// The errors of the stage, and [`Error::Retryable`] if the stage panicked.
    pub async fn migrate(
        &self,
        context: &Context,
        options: MigrateOptions,
    ) -> Result<Vec<String>, Error> {
        self.guard().attempt(self.kind.migrate(context, options)).await
    }

    pub(super) fn info(&self) -> StageInfo {
        let kind = self.section.rsplit('.').next().unwrap_or_default().to_owned();
        StageInfo { role: S::NAME, kind, summary: self.summary() }
    }

    fn guard(&self) -> Guard {
        Guard::new(S::NAME, &self.section)
    }
}
