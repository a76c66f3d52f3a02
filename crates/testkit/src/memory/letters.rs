use l0_stage::{BuriedLetter, DeadLetter, DeadLetters, Error, LetterFilter, async_trait};
use time::OffsetDateTime;

use super::Sink;

/// The buried letters, each once.
#[derive(Default)]
pub(super) struct Letters {
    buried: Vec<(BuriedLetter, DeadLetter)>,
    last: i64,
}

impl Letters {
    pub fn bury(&mut self, letter: &DeadLetter) {
        if self.buried.iter().any(|(_, known)| known.key() == letter.key()) {
            return;
        }
        self.last += 1;
        let buried = BuriedLetter {
            id: self.last,
            buried_at: OffsetDateTime::now_utc(),
            replayed_at: None,
            reason: letter.rejection.reason.as_str().to_owned(),
            detail: letter.rejection.detail.clone(),
            message: letter.message.clone(),
        };
        self.buried.push((buried, letter.clone()));
    }

    pub fn all(&self) -> Vec<DeadLetter> {
        self.buried.iter().map(|(_, letter)| letter.clone()).collect()
    }

    fn fitting(&self, filter: &LetterFilter, after: i64) -> impl Iterator<Item = &BuriedLetter> {
        self.buried.iter().map(|(buried, _)| buried).filter(move |letter| {
            letter.id > after
                && filter.reason.as_ref().is_none_or(|reason| *reason == letter.reason)
                && filter.since.is_none_or(|since| letter.buried_at >= since)
                && filter.until.is_none_or(|until| letter.buried_at < until)
                && (filter.replayed || letter.replayed_at.is_none())
        })
    }
}

#[async_trait]
impl DeadLetters for Sink {
    async fn list(
        &self,
        filter: &LetterFilter,
        after: i64,
        limit: usize,
    ) -> Result<Vec<BuriedLetter>, Error> {
        Ok(self.state().letters.fitting(filter, after).take(limit).cloned().collect())
    }

    async fn get(&self, id: i64) -> Result<Option<BuriedLetter>, Error> {
        let state = self.state();
        let mut letters = state.letters.buried.iter().map(|(buried, _)| buried);
        Ok(letters.find(|letter| letter.id == id).cloned())
    }

    async fn mark_replayed(&self, ids: &[i64]) -> Result<(), Error> {
        for (letter, _) in &mut self.state().letters.buried {
            if ids.contains(&letter.id) {
                letter.replayed_at.get_or_insert_with(OffsetDateTime::now_utc);
            }
        }
        Ok(())
    }

    async fn purge(&self, ids: &[i64]) -> Result<u64, Error> {
        let buried = &mut self.state().letters.buried;
        let before = buried.len();
        buried.retain(|(letter, _)| !ids.contains(&letter.id));
        Ok((before - buried.len()) as u64)
    }
}
