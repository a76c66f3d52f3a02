use std::sync::Arc;

use l0_stage::letters::{BuriedLetter, DeadLetters};
use l0_stage::observe::Readiness;
use l0_stage::{Context, Error, Record, Rejection, Sink, Validator, Verdict, Writer, anyhow};

use crate::pipeline::Stage;
use crate::work::store::Store;
use crate::work::way::Way;
use crate::{Pipeline, Settings};

/// Sends dead letters through the present validation and the sink. A letter is marked as replayed
/// only after its document is committed. If the process crashes between commit and mark, the next
/// replay finds the document as a duplicate (invariant 2).
pub struct Replay {
    way: Way,
    store: Store,
    letters: Arc<dyn DeadLetters>,
}

impl Replay {
    /// Connects the validator and the sink for a replay. The letters are those of this pipeline, or
    /// of the pipeline `of` if it is given. An absent service is an error at once.
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

    /// The dead letters of the pipeline that [`connect`](Self::connect) chose.
    #[must_use]
    pub fn letters(&self) -> &dyn DeadLetters {
        &*self.letters
    }

    /// Replays letters as one batch. Returns one verdict per letter, in the order of `letters`. A
    /// letter that is refused again stays as it is.
    ///
    /// # Errors
    /// The sink or the dead letters cannot be reached. Letters that were not marked can be replayed
    /// again.
    pub async fn replay(&mut self, letters: &[BuriedLetter]) -> Result<Vec<Verdict>, Error> {
        // The tables may have been changed a moment ago, so that letters fit that did not fit
        // before.
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

    /// Why a replay would refuse a letter before it asks the database. `None` if the replay would
    /// write the letter's document.
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

/// The dead letters of this pipeline, or of the pipeline `of` if it is given. This is for callers
/// that list, discard or purge letters without replaying them.
///
/// # Errors
/// The dead letters cannot be reached, or the sink keeps none.
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
