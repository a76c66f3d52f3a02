use std::sync::Arc;

use l0_stage::letters::{BuriedLetter, DeadLetters};
use l0_stage::observe::Readiness;
use l0_stage::{Context, Error, Record, Rejection, Sink, Validator, Verdict, Writer, anyhow};

use crate::pipeline::Stage;
use crate::work::store::Store;
use crate::work::way::Way;
use crate::{Pipeline, Settings};

/// Sends dead letters through the present validation and the sink. It marks them only after the
/// outcome is committed. After a crash in between, the next replay finds a duplicate (invariant 2).
pub struct Replay {
    way: Way,
    store: Store,
    letters: Arc<dyn DeadLetters>,
}

impl Replay {
    /// Connects what a replay needs, for the letters of this pipeline, or of the pipeline `of`.
    /// Does not wait for an absent service.
    ///
    /// # Errors
    /// The sink cannot be reached, or keeps no dead letters that may be replayed.
    pub async fn connect(pipeline: &Pipeline, of: Option<&str>) -> Result<Self, Error> {
        let Pipeline { settings, context, validator, .. } = pipeline;
        let stage = sink_of(pipeline)?;
        let sink: Box<dyn Sink> = stage.connect(context).await?;
        let letters = letters_of(stage, &*sink, of.unwrap_or(&context.pipeline), context)?;
        let validator: Option<Box<dyn Validator>> = match validator {
            Some(stage) => Some(stage.connect(context).await?),
            None => None,
        };
        let validator = validator.map(Into::into);
        Ok(Self::new(settings, validator, sink.writer().await?, letters))
    }

    pub(crate) fn new(
        settings: &Settings,
        validator: Option<Arc<dyn Validator>>,
        writer: Box<dyn Writer>,
        letters: Arc<dyn DeadLetters>,
    ) -> Self {
        let store = Store::impatient(writer, Readiness::default());
        let way = Way::new(settings.max_document_bytes.get(), validator);
        Self { way, store, letters }
    }

    /// The letters of that pipeline.
    #[must_use]
    pub fn letters(&self) -> &dyn DeadLetters {
        &*self.letters
    }

    /// Replays letters as one batch. Returns one verdict per letter, in their order. A letter that
    /// is refused again stays as it is.
    ///
    /// # Errors
    /// The sink or the letters cannot be reached. Letters that were not marked can be replayed
    /// again.
    pub async fn replay(&mut self, letters: &[BuriedLetter]) -> Result<Vec<Verdict>, Error> {
        // The rule that refused them may have been changed a moment ago.
        self.store.refresh().await?;
        let checked: Vec<_> = letters.iter().map(|letter| self.record(letter)).collect();
        let records: Vec<Record> = checked.iter().flatten().cloned().collect();
        let mut written = self.store.write(&records).await?.into_iter();
        let verdicts = checked.into_iter().map(|checked| match checked {
            Err(rejection) => Some(Verdict::Buried(rejection)),
            Ok(_) => written.next().flatten(),
        });
        let verdicts: Vec<_> = verdicts.flatten().collect();
        let committed = letters.iter().zip(&verdicts);
        let committed =
            committed.filter_map(|(letter, verdict)| Some((letter.id, stored_as(verdict)?)));
        let committed: Vec<(i64, i64)> = committed.collect();
        if !committed.is_empty() {
            self.letters.mark_replayed(&committed).await?;
        }
        Ok(verdicts)
    }

    /// Why a letter would be refused without asking the database; `None` if it would be tried.
    #[must_use]
    pub fn refusal(&self, letter: &BuriedLetter) -> Option<Rejection> {
        self.record(letter).err()
    }

    fn record(&self, letter: &BuriedLetter) -> Result<Record, Rejection> {
        let document = self.way.document(letter.message.clone(), |_| None);
        let record = document.and_then(|document| self.store.encode(document));
        record.map_err(|letter| letter.rejection)
    }
}

/// The letters of this pipeline, or of the pipeline that is named, for a caller that does not
/// replay them.
///
/// # Errors
/// They cannot be reached, or the sink keeps none.
pub async fn dead_letters(
    pipeline: &Pipeline,
    of: Option<&str>,
) -> Result<Arc<dyn DeadLetters>, Error> {
    let (stage, context) = (sink_of(pipeline)?, &pipeline.context);
    let of = of.unwrap_or(&context.pipeline);
    match stage.dead_letters(context, of).await? {
        Some(letters) => Ok(letters),
        None => letters_of(stage, &*stage.connect(context).await?, of, context),
    }
}

fn sink_of(pipeline: &Pipeline) -> Result<&Stage<dyn Sink>, Error> {
    let missing = || anyhow::anyhow!("the configuration has no [sink.*] section");
    pipeline.sink.as_ref().ok_or_else(|| Error::permanent(missing()))
}

fn letters_of(
    stage: &Stage<dyn Sink>,
    sink: &dyn Sink,
    of: &str,
    context: &Context,
) -> Result<Arc<dyn DeadLetters>, Error> {
    let letters =
        if of == context.pipeline { sink.dead_letters() } else { sink.dead_letters_of(of) };
    letters.ok_or_else(|| {
        let message = format!("[{}] keeps no dead letters that can be read", stage.section);
        Error::permanent(anyhow::anyhow!(message))
    })
}

fn stored_as(verdict: &Verdict) -> Option<i64> {
    match verdict {
        Verdict::Stored { id } | Verdict::Duplicate { id } => Some(*id),
        Verdict::Buried(_) | Verdict::Returned(_) => None,
    }
}
