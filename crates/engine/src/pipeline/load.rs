//! Reads a pipeline from its configuration and checks it, without a network.

use futures_util::FutureExt as _;
use l0_stage::{Context, Query, Sink, Source, Validator};

use super::needs::{Needs, QUERY, SINK, SOURCE, VALIDATE};
use super::settings::{SECTION, Settings};
use super::whole::check_whole;
use super::{Pipeline, Stage};
use crate::contain::Contain;
use crate::registry::{Guide, OBSERVE, Prepared, Registry, Slot};
use crate::verbs::rehearse::Test;
use crate::verbs::rehearse::load::{check, load};
use crate::verbs::rehearse::refusal::OwnReasons;
use l0_config::{Code, Config, Report};

impl Pipeline {
    /// Reads and checks the parts of the configuration that a command needs, without connecting to
    /// anything.
    ///
    /// # Errors
    /// A report of all mistakes, each at its line.
    pub fn load(config: &Config, registry: &Registry, needs: Needs) -> Result<Self, Report> {
        let mut report = Report::default();
        let roles = [
            (SOURCE, registry.kinds::<dyn Source>().names()),
            (VALIDATE, registry.kinds::<dyn Validator>().names()),
            (SINK, registry.kinds::<dyn Sink>().names()),
            (QUERY, registry.kinds::<dyn Query>().names()),
        ];
        let roles: Vec<_> = roles.iter().map(|(role, kinds)| (*role, kinds.as_slice())).collect();
        config.check_names(&[SECTION, OBSERVE, "produce", "tests"], &roles, &mut report);
        let settings: Option<Settings> = config.section(SECTION, &[], &mut report);
        let context = Context {
            pipeline: settings.as_ref().map(|settings| settings.name.clone()).unwrap_or_default(),
            workers: settings.as_ref().map_or(1, |settings| settings.workers.get()),
            max_batch: settings.as_ref().map_or(1, |settings| settings.max_batch.get()),
            max_document_bytes: settings
                .as_ref()
                .map_or(1, |settings| settings.max_document_bytes.get()),
            base: config.base().to_owned(),
        };
        let mut loader = Loader { config, registry, context: &context, needs, report: &mut report };
        let (source, validator) = (loader.stage(), loader.stage());
        let (sink, query) = (loader.stage(), loader.stage());
        let observe = loader.observer();
        if let (Some(source), Some(sink)) = (&source, &sink) {
            loader.check_envelope(sink, source);
        }
        if report.is_empty() {
            check_whole(
                config,
                settings.as_ref(),
                source.as_ref(),
                sink.is_some(),
                needs,
                &mut report,
            );
        }
        let tests = load_tests(config, registry, sink.as_ref(), needs, &mut report);
        match settings {
            Some(settings) if report.is_empty() => {
                Ok(Self { settings, context, source, validator, sink, query, observe, tests })
            }
            _ => Err(report),
        }
    }
}

/// Reads `[[tests]]` if the command sends a document through the stages.
fn load_tests(
    config: &Config,
    registry: &Registry,
    sink: Option<&Stage<dyn Sink>>,
    needs: Needs,
    report: &mut Report,
) -> Vec<Test> {
    if !needs.roles.contains(&VALIDATE) {
        return Vec::new();
    }
    let mut found = Report::default();
    let tests = load(config, own_reasons(config, registry), &mut found);
    // Only a command that runs the tests requires their variables.
    let counts = |code| needs.testing || code != Code::MissingVariable;
    report.extend(found.into_iter().filter(|diagnostic| counts(diagnostic.code)));
    if needs.testing {
        // Without a `Context` the rehearsal uses no network, so its future is ready at once.
        let rehearsal = sink.and_then(|stage| stage.rehearse(None).now_or_never());
        let rehearsal = rehearsal.and_then(Result::ok).flatten();
        let tables = rehearsal.map(|rehearsal| rehearsal.tables());
        check(config, &tests, tables.as_deref(), report);
    }
    tests
}

/// The reasons that the configured validator and sink define themselves.
fn own_reasons(config: &Config, registry: &Registry) -> OwnReasons {
    let validator = registry.kinds::<dyn Validator>().named(config);
    let sink = registry.kinds::<dyn Sink>().named(config);
    let reasons = |guide: Option<Guide>| guide.map(|guide| guide.reasons).unwrap_or_default();
    OwnReasons { validator: reasons(validator), sink: reasons(sink) }
}

struct Loader<'a> {
    config: &'a Config,
    registry: &'a Registry,
    context: &'a Context,
    needs: Needs,
    report: &'a mut Report,
}

impl Loader<'_> {
    fn stage<S: Slot + ?Sized>(&mut self) -> Option<Stage<S>> {
        if !self.needs.roles.contains(&S::NAME) {
            return None;
        }
        let kinds = self.registry.kinds::<S>();
        let (section, kind) = kinds.load(self.config, self.needs.migrating, self.report)?;
        Some(self.checked(section, kind))
    }

    /// Checks that the source's messages have the values which the sink wants to store, for example
    /// headers.
    fn check_envelope(&mut self, sink: &Stage<dyn Sink>, source: &Stage<dyn Source>) {
        for finding in sink.check_envelope(&source.envelope()) {
            self.report.push(self.config.locate(&sink.section, &finding));
        }
    }

    /// The stage of `[observe]`. Only a command that needs the query stage reads it.
    fn observer(&mut self) -> Option<Stage<dyn Query>> {
        if !self.needs.roles.contains(&QUERY) {
            return None;
        }
        let kind = self.registry.load_observer(self.config, self.report)?;
        Some(self.checked(OBSERVE.to_owned(), kind))
    }

    fn checked<S: Contain + ?Sized>(
        &mut self,
        section: String,
        kind: Box<dyn Prepared<S>>,
    ) -> Stage<S> {
        let stage = Stage::new(section, kind.into());
        for finding in stage.check(self.context) {
            self.report.push(self.config.locate(&stage.section, &finding));
        }
        stage
    }
}
