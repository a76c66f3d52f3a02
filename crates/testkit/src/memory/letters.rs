use l0_stage::letters::{
    BuriedLetter, DeadLetters, Decision, DecisionKind, LetterFilter, LetterPage, PageStart,
};
use l0_stage::{DeadLetter, Error, async_trait};
use time::OffsetDateTime;

use super::Sink;

/// The buried letters, each once per pipeline.
#[derive(Default)]
pub(super) struct Letters {
    buried: Vec<Grave>,
    last: i64,
}

struct Grave {
    pipeline: String,
    letter: BuriedLetter,
    original: DeadLetter,
}

impl Letters {
    pub fn bury(&mut self, pipeline: &str, letter: &DeadLetter) {
        let is_it =
            |known: &Grave| known.pipeline == pipeline && known.original.key() == letter.key();
        if self.buried.iter().any(is_it) {
            return;
        }
        self.last += 1;
        let buried = BuriedLetter {
            id: self.last,
            buried_at: OffsetDateTime::now_utc(),
            decision: None,
            reason: letter.rejection.reason.as_str().to_owned(),
            detail: letter.rejection.detail.clone(),
            document_key: letter.document_key.clone(),
            size: letter.message.payload.len() as u64,
            message: letter.message.clone(),
        };
        let (pipeline, original) = (pipeline.to_owned(), letter.clone());
        self.buried.push(Grave { pipeline, letter: buried, original });
    }

    pub fn all(&self) -> Vec<DeadLetter> {
        self.buried.iter().map(|grave| grave.original.clone()).collect()
    }

    fn of<'a>(&'a self, pipeline: &'a str) -> impl DoubleEndedIterator<Item = &'a BuriedLetter> {
        let own = self.buried.iter().filter(move |grave| grave.pipeline == pipeline);
        own.map(|grave| &grave.letter)
    }

    fn page(&self, pipeline: &str, filter: &LetterFilter, page: &LetterPage) -> Vec<BuriedLetter> {
        let cut = |letter: &BuriedLetter| {
            let mut letter = letter.clone();
            letter.message.payload.truncate(page.payload_bytes);
            letter.message.headers.truncate(page.payload_bytes);
            letter
        };
        let fits = |letter: &&BuriedLetter| fits(letter, filter);
        match page.from {
            PageStart::After(id) => {
                let after = self.of(pipeline).filter(|letter| letter.id > id);
                after.filter(fits).take(page.limit).map(cut).collect()
            }
            PageStart::Before(id) => {
                let before = self.of(pipeline).rev().filter(|letter| letter.id < id);
                before.filter(fits).take(page.limit).map(cut).collect()
            }
        }
    }

    /// Returns whether the letter existed and waited.
    fn decide(&mut self, pipeline: &str, id: i64, kind: DecisionKind) -> bool {
        let waiting = |grave: &&mut Grave| {
            let Grave { pipeline: own, letter, .. } = &**grave;
            own == pipeline && letter.id == id && letter.decision.is_none()
        };
        let Some(grave) = self.buried.iter_mut().find(waiting) else { return false };
        grave.letter.decision = Some(Decision { at: OffsetDateTime::now_utc(), kind });
        true
    }
}

fn fits(letter: &BuriedLetter, filter: &LetterFilter) -> bool {
    filter.reason.as_ref().is_none_or(|reason| *reason == letter.reason)
        && filter.since.is_none_or(|since| letter.buried_at >= since)
        && filter.until.is_none_or(|until| letter.buried_at < until)
        && (filter.document_key.is_none() || filter.document_key == letter.document_key)
        && (filter.decided || letter.decision.is_none())
}

#[async_trait]
impl DeadLetters for Sink {
    async fn list(
        &self,
        filter: &LetterFilter,
        page: &LetterPage,
    ) -> Result<Vec<BuriedLetter>, Error> {
        Ok(self.state().letters.page(self.pipeline(), filter, page))
    }

    async fn get(&self, id: i64) -> Result<Option<BuriedLetter>, Error> {
        Ok(self.state().letters.of(self.pipeline()).find(|letter| letter.id == id).cloned())
    }

    async fn waiting(&self, most: usize) -> Result<usize, Error> {
        let state = self.state();
        let waiting = state.letters.of(self.pipeline()).filter(|letter| letter.decision.is_none());
        Ok(waiting.take(most).count())
    }

    async fn mark_replayed(&self, replayed: &[(i64, i64)]) -> Result<(), Error> {
        let letters = &mut self.state().letters;
        for (id, document) in replayed {
            letters.decide(self.pipeline(), *id, DecisionKind::Replayed(Some(*document)));
        }
        Ok(())
    }

    async fn discard(&self, ids: &[i64]) -> Result<u64, Error> {
        let letters = &mut self.state().letters;
        let marked =
            ids.iter().filter(|id| letters.decide(self.pipeline(), **id, DecisionKind::Discarded));
        Ok(marked.count() as u64)
    }

    async fn purge(&self, ids: &[i64]) -> Result<u64, Error> {
        let buried = &mut self.state().letters.buried;
        let before = buried.len();
        buried.retain(|grave| grave.pipeline != self.pipeline() || !ids.contains(&grave.letter.id));
        Ok((before - buried.len()) as u64)
    }
}
