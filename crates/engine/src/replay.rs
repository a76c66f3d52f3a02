use std::sync::Arc;

use l0_stage::{
    BuriedLetter, DeadLetters, Error, Readiness, Record, Rejection, Sink, Validator, Verdict,
    Writer, anyhow,
};

use crate::pipeline::Stage;
use crate::store::Store;
use crate::way::Way;
use crate::{Pipeline, Settings};

/// Brings dead letters through today's validation and the sink, and marks them only after the
/// outcome is committed: a crash between the two makes the next replay a duplicate (invariant 2).
pub struct Replay {
    way: Way,
    store: Store,
    letters: Arc<dyn DeadLetters>,
}

impl Replay {
    /// Connects what a replay needs: of this pipeline's letters, or of those of another one that is
    /// named. Does not wait for a service that is away.
    ///
    /// # Errors
    /// When the sink cannot be reached, or keeps no dead letters that may be replayed.
    pub async fn connect(pipeline: &Pipeline, of: Option<&str>) -> Result<Self, Error> {
        let Pipeline { settings, context, validator, sink, .. } = pipeline;
        let Some(sink) = sink else {
            return Err(Error::permanent(anyhow::anyhow!(
                "the configuration has no [sink.*] section"
            )));
        };
        let Stage { section, kind } = sink;
        let sink: Box<dyn Sink> = kind.connect(context).await?;
        let letters = match of {
            Some(name) if name != context.pipeline => sink.dead_letters_of(name),
            _ => sink.dead_letters(),
        };
        let Some(letters) = letters else {
            let message =
                format!("[{section}.dead_letters] is missing: it names the role for them");
            return Err(Error::permanent(anyhow::anyhow!(message)));
        };
        let validator: Option<Box<dyn Validator>> = match validator {
            Some(stage) => Some(stage.kind.connect(context).await?),
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

    /// The letters themselves.
    #[must_use]
    pub fn letters(&self) -> &dyn DeadLetters {
        &*self.letters
    }

    /// Replays letters as one batch; one verdict per letter, in order. One that is refused again stays
    /// as it is.
    ///
    /// # Errors
    /// When the sink or the letters cannot be reached; letters that were not marked can be replayed
    /// again.
    pub async fn replay(&mut self, letters: &[BuriedLetter]) -> Result<Vec<Verdict>, Error> {
        // What refused them may have been mended a moment ago.
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

    /// Why a letter would be refused before the database is asked; `None` if it would be tried.
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

fn stored_as(verdict: &Verdict) -> Option<i64> {
    match verdict {
        Verdict::Stored { id } | Verdict::Duplicate { id } => Some(*id),
        Verdict::Buried(_) | Verdict::Returned(_) => None,
    }
}
