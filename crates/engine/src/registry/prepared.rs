//! [`Prepared`]: a stage whose section has been read, as a trait object.

use std::path::Path;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use l0_stage::doctor::Examination;
use l0_stage::existing::Table;
use l0_stage::letters::DeadLetters;
use l0_stage::rehearsal::Rehearsal;
use l0_stage::{Context, Envelope, Error, Finding, MigrateOptions, Plugin};

/// What [`Plugin::rehearse`] returns.
pub type Rehearsing = Result<Option<Box<dyn Rehearsal>>, Error>;

/// What [`Plugin::dead_letters`] returns.
pub type MendingLetters = Result<Option<Arc<dyn DeadLetters>>, Error>;

/// What [`Plugin::describe`] returns.
pub type Describing = Result<Option<Table>, Error>;

/// The methods of a [`Plugin`] as an object-safe trait, so that stages of different types can be
/// kept together.
pub trait Prepared<S: ?Sized>: Send + Sync {
    /// Calls [`Plugin::check`] of the stage.
    fn check(&self, context: &Context) -> Vec<Finding>;
    /// Calls [`Plugin::envelope`] of the stage.
    fn envelope(&self) -> Envelope;
    /// Calls [`Plugin::check_envelope`] of the stage.
    fn check_envelope(&self, envelope: &Envelope) -> Vec<Finding>;
    /// Calls [`Plugin::summary`] of the stage.
    fn summary(&self) -> String;
    /// Calls [`Plugin::url`] of the stage.
    fn url(&self) -> Option<String>;
    /// Calls [`Plugin::certificate`] of the stage.
    fn certificate(&self) -> Option<&Path>;
    /// Calls [`Plugin::connect`] of the stage.
    fn connect<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Box<S>, Error>>;
    /// Calls [`Plugin::examine`] of the stage.
    fn examine<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Examination>;
    /// Calls [`Plugin::rehearse`] of the stage.
    fn rehearse<'a>(&'a self, outside: Option<&'a Context>) -> BoxFuture<'a, Rehearsing>;
    /// Calls [`Plugin::dead_letters`] of the stage.
    fn dead_letters<'a>(
        &'a self,
        context: &'a Context,
        pipeline: &'a str,
    ) -> BoxFuture<'a, MendingLetters>;
    /// Calls [`Plugin::describe`] of the stage.
    fn describe<'a>(&'a self, context: &'a Context, table: &'a str) -> BoxFuture<'a, Describing>;
    /// Calls [`Plugin::migrate`] of the stage.
    fn migrate<'a>(
        &'a self,
        context: &'a Context,
        options: MigrateOptions,
    ) -> BoxFuture<'a, Result<Vec<String>, Error>>;
}

impl<P: Plugin> Prepared<P::Stage> for P {
    fn check(&self, context: &Context) -> Vec<Finding> {
        Plugin::check(self, context)
    }

    fn envelope(&self) -> Envelope {
        Plugin::envelope(self)
    }

    fn check_envelope(&self, envelope: &Envelope) -> Vec<Finding> {
        Plugin::check_envelope(self, envelope)
    }

    fn summary(&self) -> String {
        Plugin::summary(self)
    }

    fn url(&self) -> Option<String> {
        Plugin::url(self)
    }

    fn certificate(&self) -> Option<&Path> {
        Plugin::certificate(self)
    }

    fn connect<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Box<P::Stage>, Error>> {
        Box::pin(Plugin::connect(self, context))
    }

    fn examine<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Examination> {
        Box::pin(Plugin::examine(self, context))
    }

    fn rehearse<'a>(&'a self, outside: Option<&'a Context>) -> BoxFuture<'a, Rehearsing> {
        Box::pin(Plugin::rehearse(self, outside))
    }

    fn dead_letters<'a>(
        &'a self,
        context: &'a Context,
        pipeline: &'a str,
    ) -> BoxFuture<'a, MendingLetters> {
        Box::pin(Plugin::dead_letters(self, context, pipeline))
    }

    fn describe<'a>(&'a self, context: &'a Context, table: &'a str) -> BoxFuture<'a, Describing> {
        Box::pin(Plugin::describe(self, context, table))
    }

    fn migrate<'a>(
        &'a self,
        context: &'a Context,
        options: MigrateOptions,
    ) -> BoxFuture<'a, Result<Vec<String>, Error>> {
        Box::pin(Plugin::migrate(self, context, options))
    }
}
