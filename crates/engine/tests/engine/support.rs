//! A pipeline of the given stages, without a binary.

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;
use l0_config::{Config, Inputs};
use l0_engine::{
    Describing, Failure, MendingLetters, Options, Pipeline, Prepared, Rehearsing, Settings, Stage,
};
use l0_stage::doctor::Examination;
use l0_stage::observe::Counts;
use l0_stage::{
    Blame, Context, DeadLetter, Document, Encoded, Envelope, Error, Finding, MigrateOptions,
    Outcome, Query, Reason, Record, Refusal, Rejection, Stop, Validator, Writer, async_trait,
    serde_json,
};
use l0_testkit::memory::{Sink, Source};

/// Runs one worker until its source has ended.
pub async fn run(source: &Source, sink: impl l0_stage::Sink + 'static) -> Counts {
    start(source, sink).finish().await.unwrap()
}

/// Runs a pipeline that fails; returns its failure.
pub async fn failure(source: &Source, sink: impl l0_stage::Sink + 'static) -> String {
    start(source, sink).finish().await.unwrap_err().to_string()
}

/// Prepares a pipeline that has not started.
pub fn start(source: &Source, sink: impl l0_stage::Sink + 'static) -> Running {
    let settings: Settings =
        serde_json::from_value(serde_json::json!({"name": "t", "workers": 1})).unwrap();
    let context = Context {
        pipeline: settings.name.clone(),
        workers: 1,
        max_batch: 500,
        max_document_bytes: 1 << 20,
        base: PathBuf::new(),
    };
    let source: Box<dyn l0_stage::Source> = Box::new(source.clone());
    let sink: Box<dyn l0_stage::Sink> = Box::new(sink);
    let pipeline = Pipeline {
        settings,
        context,
        source: Some(stage("source.memory", source)),
        validator: None,
        sink: Some(stage("sink.memory", sink)),
        query: None,
        observe: None,
        tests: Vec::new(),
    };
    Running { pipeline, stop: Stop::new() }
}

pub struct Running {
    pipeline: Pipeline,
    stop: Stop,
}

impl Running {
    pub fn validator(mut self, validator: impl Validator + 'static) -> Self {
        let validator: Box<dyn Validator> = Box::new(validator);
        self.pipeline.validator = Some(stage("validate.test", validator));
        self
    }

    /// A source whose service never answers.
    pub fn source_away(mut self) -> Self {
        let kind = Arc::new(Connected::<dyn l0_stage::Source>(Box::new(|| None)));
        self.pipeline.source = Some(Stage::new("source.test".to_owned(), kind));
        self
    }

    /// Another source than the one it was made with.
    pub fn source(mut self, source: impl l0_stage::Source + 'static) -> Self {
        let source: Box<dyn l0_stage::Source> = Box::new(source);
        self.pipeline.source = Some(stage("source.test", source));
        self
    }

    pub fn query(mut self, query: impl Query + 'static) -> Self {
        let query: Box<dyn Query> = Box::new(query);
        self.pipeline.query = Some(stage("query.test", query));
        self
    }

    /// A query stage that can be connected more than once.
    pub fn queries<Q: Query + 'static>(
        mut self,
        make: impl Fn() -> Q + Send + Sync + 'static,
    ) -> Self {
        let kind = Connected::<dyn Query>(Box::new(move || Some(Box::new(make()))));
        self.pipeline.query = Some(Stage::new("query.test".to_owned(), Arc::new(kind)));
        self
    }

    pub fn stop(mut self, stop: Stop) -> Self {
        self.stop = stop;
        self
    }

    pub async fn finish(self) -> Result<Counts, Failure> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pipeline.toml");
        std::fs::write(&file, "[pipeline]\nname = \"t\"\n").unwrap();
        let inputs = Inputs { file, environment: BTreeMap::new(), ..Inputs::default() };
        let config = Config::load(inputs).unwrap();
        l0_engine::run(self.pipeline, &config, self.stop, Options::default()).await
    }
}

fn stage<S: ?Sized + Send + 'static>(section: &str, connected: Box<S>) -> Stage<S> {
    let once = Mutex::new(Some(connected));
    let kind = Connected(Box::new(move || once.lock().unwrap().take()));
    Stage::new(section.to_owned(), Arc::new(kind))
}

/// A kind of stage that is connected already; without a stage it never will be.
struct Connected<S: ?Sized>(Box<dyn Fn() -> Option<Box<S>> + Send + Sync>);

impl<S: ?Sized + Send> Prepared<S> for Connected<S> {
    fn check(&self, _context: &Context) -> Vec<Finding> {
        Vec::new()
    }

    fn envelope(&self) -> Envelope {
        Envelope::default()
    }

    fn check_envelope(&self, _envelope: &Envelope) -> Vec<Finding> {
        Vec::new()
    }

    fn summary(&self) -> String {
        "in memory".to_owned()
    }

    fn url(&self) -> Option<String> {
        None
    }

    fn certificate(&self) -> Option<&Path> {
        None
    }

    fn connect<'a>(&'a self, _context: &'a Context) -> BoxFuture<'a, Result<Box<S>, Error>> {
        let stage = (self.0)();
        Box::pin(async {
            match stage {
                Some(stage) => Ok(stage),
                None => std::future::pending().await,
            }
        })
    }

    fn examine<'a>(&'a self, _context: &'a Context) -> BoxFuture<'a, Examination> {
        Box::pin(async { Examination::default() })
    }

    fn rehearse<'a>(&'a self, _outside: Option<&'a Context>) -> BoxFuture<'a, Rehearsing> {
        Box::pin(async { Ok(None) })
    }

    fn dead_letters<'a>(
        &'a self,
        _context: &'a Context,
        _pipeline: &'a str,
    ) -> BoxFuture<'a, MendingLetters> {
        Box::pin(async { Ok(None) })
    }

    fn describe<'a>(&'a self, _context: &'a Context, _table: &'a str) -> BoxFuture<'a, Describing> {
        Box::pin(async { Ok(None) })
    }

    fn migrate<'a>(
        &'a self,
        _context: &'a Context,
        _options: MigrateOptions,
    ) -> BoxFuture<'a, Result<Vec<String>, Error>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

/// Refuses documents with a member `forbidden`.
pub struct Schema;

impl Validator for Schema {
    fn validate(&self, document: &Document) -> Result<(), Rejection> {
        match document.json().get("forbidden") {
            None => Ok(()),
            Some(_) => Err(Rejection::new(Reason::SchemaViolation, "`/forbidden`")),
        }
    }
}

/// A sink that refuses a document with a member `unfit` and, as a database does, a whole batch for
/// one with a member `poison`.
pub struct Picky(pub Sink);

#[async_trait]
impl l0_stage::Sink for Picky {
    async fn writer(&self) -> Result<Box<dyn Writer>, Error> {
        Ok(Box::new(Picky(self.0.clone())))
    }
}

#[async_trait]
impl Writer for Picky {
    fn encode(&self, document: &Document) -> Result<Encoded, Rejection> {
        match document.json().get("unfit") {
            None => self.0.encode(document),
            Some(_) => Err(Rejection::new(Reason::UnfitValue, "`/unfit`")),
        }
    }

    async fn write(&mut self, batch: &[Record]) -> Result<Vec<Outcome>, Error> {
        let member = b"\"poison\"";
        let poisoned = |record: &Record| {
            record.message.payload.windows(member.len()).any(|part| part == member)
        };
        if batch.iter().any(poisoned) {
            let rejection = Rejection::new(Reason::RejectedByDatabase, "a CHECK");
            return Err(Error::refused(rejection));
        }
        self.0.write(batch).await
    }

    async fn bury(&mut self, letters: &[DeadLetter]) -> Result<(), Error> {
        self.0.bury(letters).await
    }
}

/// A sink that refuses a document with a member `unfit` until its tables are looked at again.
pub struct Narrow {
    pub sink: Sink,
    pub has_looked: bool,
}

#[async_trait]
impl l0_stage::Sink for Narrow {
    async fn writer(&self) -> Result<Box<dyn Writer>, Error> {
        Ok(Box::new(Narrow { sink: self.sink.clone(), has_looked: self.has_looked }))
    }
}

#[async_trait]
impl Writer for Narrow {
    fn encode(&self, document: &Document) -> Result<Encoded, Rejection> {
        let fits = self.has_looked || document.json().get("unfit").is_none();
        match fits && document.json().get("never").is_none() {
            true => self.sink.encode(document),
            false => Err(Rejection::new(Reason::UnfitValue, "`/unfit`")),
        }
    }

    async fn refresh(&mut self) -> Result<bool, Error> {
        Ok(!std::mem::replace(&mut self.has_looked, true))
    }

    async fn write(&mut self, batch: &[Record]) -> Result<Vec<Outcome>, Error> {
        self.sink.write(batch).await
    }

    async fn bury(&mut self, letters: &[DeadLetter]) -> Result<(), Error> {
        self.sink.bury(letters).await
    }
}

/// A sink that refuses like a database whose rules cannot be read: a document with a member
/// `unclear` always, one with a member `orphan` until another with a member `parent` is stored.
pub struct Moody(pub Sink);

#[async_trait]
impl l0_stage::Sink for Moody {
    async fn writer(&self) -> Result<Box<dyn Writer>, Error> {
        Ok(Box::new(Moody(self.0.clone())))
    }
}

fn has(payload: &[u8], member: &str) -> bool {
    String::from_utf8_lossy(payload).contains(member)
}

impl Moody {
    fn refusal(&self, record: &Record) -> Option<Refusal> {
        let payload = &record.message.payload;
        let rejection = |detail| Rejection::new(Reason::RejectedByDatabase, detail);
        if has(payload, "unclear") {
            return Some(Refusal::unclear(rejection("a trigger"), "a trigger"));
        }
        let is_orphan = has(payload, "orphan");
        let has_parent = || self.0.documents().iter().any(|stored| has(stored, "parent"));
        (is_orphan && !has_parent()).then(|| Refusal {
            rejection: rejection("a foreign key"),
            blame: Blame::Document,
            may_pass: true,
            rule: "a foreign key".to_owned(),
        })
    }
}

#[async_trait]
impl Writer for Moody {
    fn encode(&self, document: &Document) -> Result<Encoded, Rejection> {
        self.0.encode(document)
    }

    async fn write(&mut self, batch: &[Record]) -> Result<Vec<Outcome>, Error> {
        match batch.iter().find_map(|record| self.refusal(record)) {
            None => self.0.write(batch).await,
            Some(refusal) if batch.len() == 1 => Ok(vec![Outcome::Refused(refusal)]),
            Some(refusal) => Err(Error::Refused(refusal)),
        }
    }

    async fn bury(&mut self, letters: &[DeadLetter]) -> Result<(), Error> {
        self.0.bury(letters).await
    }
}
