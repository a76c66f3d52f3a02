use std::sync::Arc;

use l0_stage::letters::{BuriedLetter, DeadLetters, LetterFilter, LetterPage};
use l0_stage::{Error, async_trait};

use super::Guard;

pub(super) struct ContainedLetters {
    pub letters: Arc<dyn DeadLetters>,
    pub guard: Guard,
}

#[async_trait]
impl DeadLetters for ContainedLetters {
    async fn list(
        &self,
        filter: &LetterFilter,
        page: &LetterPage,
    ) -> Result<Vec<BuriedLetter>, Error> {
        self.guard.attempt(self.letters.list(filter, page)).await
    }

    async fn get(&self, id: i64) -> Result<Option<BuriedLetter>, Error> {
        self.guard.attempt(self.letters.get(id)).await
    }

    async fn waiting(&self, most: usize) -> Result<usize, Error> {
        self.guard.attempt(self.letters.waiting(most)).await
    }

    async fn mark_replayed(&self, replayed: &[(i64, i64)]) -> Result<(), Error> {
        self.guard.attempt(self.letters.mark_replayed(replayed)).await
    }

    async fn discard(&self, ids: &[i64]) -> Result<u64, Error> {
        self.guard.attempt(self.letters.discard(ids)).await
    }

    async fn purge(&self, ids: &[i64]) -> Result<u64, Error> {
        self.guard.attempt(self.letters.purge(ids)).await
    }
}
