use std::num::NonZeroUsize;
use std::time::Duration;

use futures_util::FutureExt as _;
use l0_stage::observe::StageInfo;
use l0_stage::text::{is_printable, printable};
use l0_stage::{Context, Finding, Query, Role, Sink, Source, Validator};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::config::{Code, Config, Report};
use crate::registry::{OBSERVE, Prepared, Registry, Slot};
use crate::rehearse::{self, Test};

/// `[pipeline]`
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Settings {
    /// Name of the pipeline. Dead letters belong to it: under another name they are another pipeline's.
    pub name: String,
    /// How many loops run at once.
    #[serde(default = "default_workers")]
    pub workers: NonZeroUsize,
    /// Most documents in one batch.
    #[serde(default = "default_max_batch")]
    pub max_batch: NonZeroUsize,
    /// Largest document, in bytes.
    #[serde(default = "default_max_document_bytes")]
    pub max_document_bytes: NonZeroUsize,
    /// How long a drain may take, in seconds; what is left then is delivered again.
    #[serde(default = "default_shutdown_timeout_secs")]
    pub shutdown_timeout_secs: u64,
    /// What the log says of stored documents.
    #[serde(default)]
    pub log_stored: LogStored,
}

/// What the log says of documents that went well; refused ones have lines of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogStored {
    /// A line for each batch, with the id and key of each document of a small one.
    #[default]
    Batches,
    /// A line for each minute in which something came, with the numbers of it.
    Summary,
}

fn default_workers() -> NonZeroUsize {
    const { NonZeroUsize::new(10).unwrap() }
}

fn default_max_batch() -> NonZeroUsize {
    const { NonZeroUsize::new(500).unwrap() }
}

fn default_max_document_bytes() -> NonZeroUsize {
    const { NonZeroUsize::new(1 << 20).unwrap() }
}

fn default_shutdown_timeout_secs() -> u64 {
    25
}

impl Settings {
    pub(crate) fn shutdown_timeout(&self) -> Duration {
        Duration::from_secs(self.shutdown_timeout_secs)
    }
}

/// What a command needs of the configuration; a variable is demanded only by a command that uses
/// its section.
#[derive(Debug, Clone, Copy)]
pub struct Needs {
    roles: &'static [&'static str],
    migrating: bool,
    /// Whether more than the form of `[[tests]]` counts.
    testing: bool,
}

impl Needs {
    /// All that is written there.
    pub const EVERYTHING: Self =
        Self { roles: &[SOURCE, VALIDATE, SINK, QUERY], migrating: true, testing: true };
    /// Every stage, without what only an administrator uses.
    pub const RUN: Self = Self { migrating: false, testing: false, ..Self::EVERYTHING };
    /// The tests, and what their messages pass.
    pub const TEST: Self = Self { testing: true, ..Self::DEAD_LETTERS };
    /// The source, and where its documents can be seen.
    pub const PRODUCE: Self = Self { roles: &[SOURCE, QUERY], migrating: false, testing: false };
    /// The sink, and what only an administrator uses.
    pub const MIGRATE: Self = Self { roles: &[SINK], migrating: true, testing: false };
    /// The sink, and what a document must pass to get there.
    pub const DEAD_LETTERS: Self =
        Self { roles: &[VALIDATE, SINK], migrating: false, testing: false };
    /// Where an instance answers.
    pub const HEALTH: Self = Self { roles: &[QUERY], migrating: false, testing: false };
}

const SOURCE: &str = <dyn Source>::NAME;
const VALIDATE: &str = <dyn Validator>::NAME;
const SINK: &str = <dyn Sink>::NAME;
const QUERY: &str = <dyn Query>::NAME;

/// A stage whose section has been read and checked.
pub struct Stage<S: ?Sized> {
    /// Its section, `source.nats`.
    pub section: String,
    /// Checks, connects.
    pub kind: Box<dyn Prepared<S>>,
}

impl<S: Role + ?Sized> Stage<S> {
    fn info(&self) -> StageInfo {
        let kind = self.section.rsplit('.').next().unwrap_or_default().to_owned();
        StageInfo { role: S::NAME, kind, summary: self.kind.summary() }
    }
}

/// A configuration that was found right, before anything is connected.
pub struct Pipeline {
    /// `[pipeline]`
    pub settings: Settings,
    /// What the stages may know.
    pub context: Context,
    /// `[source.*]`
    pub source: Option<Stage<dyn Source>>,
    /// `[validate.*]`
    pub validator: Option<Stage<dyn Validator>>,
    /// `[sink.*]`
    pub sink: Option<Stage<dyn Sink>>,
    /// `[query.*]`
    pub query: Option<Stage<dyn Query>>,
    /// `[observe]`
    pub observe: Option<Stage<dyn Query>>,
    /// `[[tests]]`
    pub tests: Vec<Test>,
}

impl Pipeline {
    /// Its stages in the order of the flow.
    pub(crate) fn stages(&self) -> Vec<StageInfo> {
        let Self { source, validator, sink, query, .. } = self;
        let stages = [
            source.as_ref().map(|stage| stage.info()),
            validator.as_ref().map(|stage| stage.info()),
            sink.as_ref().map(|stage| stage.info()),
            query.as_ref().map(|stage| stage.info()),
        ];
        stages.into_iter().flatten().collect()
    }

    /// Reads and checks what a command needs. Never connects.
    ///
    /// # Errors
    /// Everything that is wrong, each finding at its line.
    pub fn load(config: &Config, registry: &Registry, needs: Needs) -> Result<Self, Report> {
        let mut report = Report::default();
        let roles = [
            (SOURCE, registry.kinds::<dyn Source>().names()),
            (VALIDATE, registry.kinds::<dyn Validator>().names()),
            (SINK, registry.kinds::<dyn Sink>().names()),
            (QUERY, registry.kinds::<dyn Query>().names()),
        ];
        let roles: Vec<_> = roles.iter().map(|(role, kinds)| (*role, kinds.as_slice())).collect();
        config.check_names(&["pipeline", OBSERVE, "produce", "tests"], &roles, &mut report);
        let settings: Option<Settings> = config.section("pipeline", &[], &mut report);
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
        let tests = load_tests(config, sink.as_ref(), needs, &mut report);
        match settings {
            Some(settings) if report.is_empty() => {
                Ok(Self { settings, context, source, validator, sink, query, observe, tests })
            }
            _ => Err(report),
        }
    }
}

/// Of no use for a command that brings no document through the stages, and read by none.
fn load_tests(
    config: &Config,
    sink: Option<&Stage<dyn Sink>>,
    needs: Needs,
    report: &mut Report,
) -> Vec<Test> {
    if !needs.roles.contains(&VALIDATE) {
        return Vec::new();
    }
    let mut found = Report::default();
    let tests = rehearse::load(config, &mut found);
    // A variable is demanded only by a command that runs the tests.
    let counts = |code| needs.testing || code != Code::MissingVariable;
    report.extend(found.into_iter().filter(|diagnostic| counts(diagnostic.code)));
    if needs.testing {
        // Without the outside it is ready at once.
        let rehearsal = sink.and_then(|stage| stage.kind.rehearse(None).now_or_never());
        let rehearsal = rehearsal.and_then(Result::ok).flatten();
        let tables = rehearsal.map(|rehearsal| rehearsal.tables());
        rehearse::check(config, &tests, tables.as_deref(), report);
    }
    tests
}

/// What no section can see alone.
fn check_whole(
    config: &Config,
    settings: Option<&Settings>,
    source: Option<&Stage<dyn Source>>,
    has_sink: bool,
    needs: Needs,
    report: &mut Report,
) {
    if let Some(settings) = settings.filter(|it| !it.name.chars().all(is_printable)) {
        let message = format!("`{}` has characters that are not seen", printable(&settings.name));
        let finding = Finding::new("name", message).help("write the name as plain text");
        report.push(config.locate("pipeline", &finding));
    }
    if let (Some(source), false, true) = (source, has_sink, needs.roles.contains(&SINK)) {
        let finding = Finding::new("", "a source needs a sink: what it delivers has nowhere to go");
        let finding = finding.help("add a [sink.*] section, or remove this one");
        report.push(config.locate(&source.section, &finding));
    }
    if settings.is_some_and(|settings| settings.shutdown_timeout_secs < SHORTEST_SHUTDOWN_SECS) {
        let message = format!("a drain needs at least {SHORTEST_SHUTDOWN_SECS} seconds");
        let finding = Finding::new("shutdown_timeout_secs", message)
            .help("an open request of the source takes up to 2 seconds to end");
        report.push(config.locate("pipeline", &finding));
    }
}

/// The 2 s that a source may need to end an open request, and one to finish what it brought.
pub(crate) const SHORTEST_SHUTDOWN_SECS: u64 = 3;

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

    /// Where a query stage is asked, so may this be.
    fn observer(&mut self) -> Option<Stage<dyn Query>> {
        if !self.needs.roles.contains(&QUERY) {
            return None;
        }
        let kind = self.registry.load_observer(self.config, self.report)?;
        Some(self.checked(OBSERVE.to_owned(), kind))
    }

    fn checked<S: ?Sized>(&mut self, section: String, kind: Box<dyn Prepared<S>>) -> Stage<S> {
        for finding in kind.check(self.context) {
            self.report.push(self.config.locate(&section, &finding));
        }
        Stage { section, kind }
    }
}
