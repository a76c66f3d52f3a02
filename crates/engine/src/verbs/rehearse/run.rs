use std::sync::Arc;

use l0_stage::anyhow::{self, Context as _};
use l0_stage::rehearsal::Rehearsal;
use l0_stage::time::OffsetDateTime;
use l0_stage::{Bytes, Context, Error, Message, Origin, Sink, Validator};

use super::judge::{self, Became};
use super::load;
use super::outcome::Tested;
use super::section::Test;
use crate::pipeline::{Pipeline, Stage};
use crate::work::way::Way;
use l0_config::Config;

/// Runs the tests of a pipeline.
pub struct Rehearse<'a> {
    pipeline: &'a Pipeline,
    config: &'a Config,
    way: Way,
    rehearsal: Option<Box<dyn Rehearsal>>,
    typed: bool,
}

impl<'a> Rehearse<'a> {
    /// Prepares to run tests without the sink's database. The rows then have the values that the
    /// sink would send, but their column types are not known.
    ///
    /// # Errors
    /// The validator cannot be set up.
    pub async fn offline(pipeline: &'a Pipeline, config: &'a Config) -> Result<Self, Error> {
        Self::new(pipeline, config, None).await
    }

    /// Prepares to run tests with the sink's database, in temporary copies of its tables.
    ///
    /// # Errors
    /// The sink or the validator cannot be set up.
    pub async fn with_database(pipeline: &'a Pipeline, config: &'a Config) -> Result<Self, Error> {
        Self::new(pipeline, config, Some(&pipeline.context)).await
    }

    async fn new(
        pipeline: &'a Pipeline,
        config: &'a Config,
        outside: Option<&Context>,
    ) -> Result<Self, Error> {
        let rehearsal = match &pipeline.sink {
            Some(stage) => stage.rehearse(outside).await?,
            None => None,
        };
        let validator: Option<Box<dyn Validator>> = match &pipeline.validator {
            Some(stage) => Some(stage.connect(&pipeline.context).await?),
            None => None,
        };
        let limit = pipeline.settings.max_document_bytes.get();
        let way = Way::new(limit, validator.map(Into::into));
        Ok(Self { pipeline, config, way, rehearsal, typed: outside.is_some() })
    }

    /// Runs the tests whose names contain `name`, in the order of the file.
    ///
    /// # Errors
    /// The file of a message cannot be read, or the sink's database does not answer.
    pub async fn run(&mut self, name: &str) -> Result<Vec<Tested>, Error> {
        let tests = self.pipeline.tests.iter().enumerate();
        let mut tested = Vec::new();
        for (at, test) in tests.filter(|(_, test)| test.name.contains(name)) {
            let payload = self.payload(test).map_err(Error::Permanent)?;
            let became = self.pass(message(test, payload)).await?;
            let verdict = judge::judge(test, &became, self.typed);
            let (rows, rejection) = match became {
                Became::Rows(rows) => (rows, None),
                Became::Rejected(rejection) => (Vec::new(), Some(rejection)),
                Became::Unseen(_) => (Vec::new(), None),
            };
            let place = self.config.line(&load::section(at));
            let place = place.map(|(file, line)| (file.to_owned(), line));
            tested.push(Tested { name: test.name.clone(), place, verdict, rows, rejection });
        }
        Ok(tested)
    }

    fn payload(&self, test: &Test) -> anyhow::Result<Bytes> {
        let Some(file) = &test.file else {
            return Ok(test.message.clone().unwrap_or_default().into());
        };
        let read = std::fs::read(self.config.base().join(file));
        let read = read.with_context(|| format!("cannot read `{}`", file.display()));
        read.map(Bytes::from)
    }

    /// Sends a message through the validator and the sink's rehearsal.
    async fn pass(&mut self, message: Message) -> Result<Became, Error> {
        let document = match self.way.document(message, |_| None) {
            Ok(document) => document,
            Err(letter) => return Ok(Became::Rejected(letter.rejection)),
        };
        let Some(rehearsal) = &mut self.rehearsal else {
            return Ok(Became::Unseen(unseen(self.pipeline.sink.as_ref())));
        };
        match rehearsal.rows(&document).await {
            Ok(rows) => Ok(Became::Rows(rows)),
            Err(Error::Refused(refusal)) => Ok(Became::Rejected(refusal.rejection)),
            Err(error) => Err(error),
        }
    }
}

fn unseen(sink: Option<&Stage<dyn Sink>>) -> String {
    match sink {
        Some(Stage { section, .. }) => format!("[{section}] shows no rows"),
        None => "there are no rows without a [sink.*] section".to_owned(),
    }
}

/// The message of a test. It looks like the first message of a stream at its first delivery, and is
/// the same in every run.
fn message(test: &Test, payload: Bytes) -> Message {
    let name = "test";
    let origin = Origin {
        stream: Arc::from(name),
        stream_created: None,
        sequence: 1,
        published: OffsetDateTime::UNIX_EPOCH,
        attempt: 1,
    };
    let subject = test.subject.as_deref().unwrap_or(name).to_owned();
    let headers = test.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
    Message { origin, subject, headers: headers.collect::<String>().into(), payload }
}
