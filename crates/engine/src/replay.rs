use std::sync::Arc;

use l0_stage::{
    BuriedLetter, DeadLetters, Document, Error, Outcome, Readiness, Record, Rejection, Replayed,
    Sink, Validator, Writer, anyhow,
};

use crate::pipeline::Stage;
use crate::store::{Decided, Store};
use crate::{Pipeline, Settings, wellformed};

/// Brings dead letters through today's validation and the sink, and marks them only after the
/// outcome is committed: a crash between the two makes the next replay a duplicate (invariant 2).
pub struct Replay {
    settings: Settings,
    validator: Option<Arc<dyn Validator>>,
    store: Store,
    letters: Arc<dyn DeadLetters>,
}

impl Replay {
    /// Connects what a replay needs. Does not wait for a service that is away.
    ///
    /// # Errors
    /// When the sink cannot be reached, or keeps no dead letters that may be replayed.
    pub async fn connect(pipeline: &Pipeline) -> Result<Self, Error> {
        let Pipeline { settings, context, validator, sink, .. } = pipeline;
        let Some(sink) = sink else {
            return Err(Error::permanent(anyhow::anyhow!(
                "the configuration has no [sink.*] section"
            )));
        };
        let Stage { section, kind } = sink;
        let sink: Box<dyn Sink> = kind.connect(context).await?;
        let Some(letters) = sink.dead_letters() else {
            let message =
                format!("[{section}.dead_letters] is missing: it names the role for them");
            return Err(Error::permanent(anyhow::anyhow!(message)));
        };
        let validator: Option<Box<dyn Validator>> = match validator {
            Some(stage) => Some(stage.kind.connect(context).await?),
            None => None,
        };
        let validator = validator.map(Into::into);
        Ok(Self::new(settings.clone(), validator, sink.writer().await?, letters))
    }

    pub(crate) fn new(
        settings: Settings,
        validator: Option<Arc<dyn Validator>>,
        writer: Box<dyn Writer>,
        letters: Arc<dyn DeadLetters>,
    ) -> Self {
        let store = Store::impatient(writer, Readiness::default());
        Self { settings, validator, store, letters }
    }

    /// The letters themselves.
    #[must_use]
    pub fn letters(&self) -> &dyn DeadLetters {
        &*self.letters
    }

    /// Replays letters as one batch; one result per letter, in order.
    ///
    /// # Errors
    /// When the sink or the letters cannot be reached; letters that were not marked can be replayed
    /// again.
    pub async fn replay(
        &mut self,
        letters: &[BuriedLetter],
        dry_run: bool,
    ) -> Result<Vec<Replayed>, Error> {
        let checked: Vec<_> = letters.iter().map(|letter| self.check(letter)).collect();
        let records: Vec<Record> = checked.iter().flatten().cloned().collect();
        let decided = if dry_run { Vec::new() } else { self.store.write(&records).await? };
        let mut decided = decided.into_iter().map(replayed);
        let results = checked.into_iter().map(|checked| match checked {
            Err(rejection) => Replayed::Refused(rejection),
            Ok(_) => decided.next().unwrap_or(Replayed::WouldTry),
        });
        let results: Vec<_> = results.collect();
        let committed = letters.iter().zip(&results);
        let committed =
            committed.filter_map(|(letter, result)| Some((letter.id, stored_as(result)?)));
        let committed: Vec<(i64, i64)> = committed.collect();
        if !committed.is_empty() {
            self.letters.mark_replayed(&committed).await?;
        }
        Ok(results)
    }

    fn check(&self, letter: &BuriedLetter) -> Result<Record, Rejection> {
        let document = self.parse(letter)?;
        if let Some(validator) = &self.validator {
            validator.validate(&document)?;
        }
        self.store.encode(document).map_err(|letter| letter.rejection)
    }

    fn parse(&self, letter: &BuriedLetter) -> Result<Document, Rejection> {
        let limit = self.settings.max_document_bytes.get();
        wellformed::parse(letter.message.clone(), limit).map_err(|letter| letter.rejection)
    }
}

fn stored_as(replayed: &Replayed) -> Option<i64> {
    match replayed {
        Replayed::Stored(id) | Replayed::Duplicate(id) => Some(*id),
        Replayed::Refused(_) | Replayed::WouldTry => None,
    }
}

fn replayed(decided: Decided) -> Replayed {
    match decided {
        Ok(Outcome::Stored(id)) => Replayed::Stored(id),
        Ok(Outcome::Duplicate(id)) => Replayed::Duplicate(id),
        Ok(Outcome::Conflict(id)) => Replayed::Refused(Rejection::conflict(id)),
        Err(rejection) => Replayed::Refused(rejection),
    }
}
