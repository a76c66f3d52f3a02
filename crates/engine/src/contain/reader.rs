use std::sync::Arc;

use l0_stage::stored::{Edition, Entry, Lookup};
use l0_stage::{Bytes, Error, Reader, async_trait};

use super::Guard;

pub(super) struct ContainedReader {
    pub reader: Arc<dyn Reader>,
    pub guard: Guard,
}

#[async_trait]
impl Reader for ContainedReader {
    async fn documents(&self, ids: &[i64]) -> Result<Vec<Option<Bytes>>, Error> {
        self.guard.attempt(self.reader.documents(ids)).await
    }

    fn keeps_documents(&self) -> bool {
        self.guard.call(|| self.reader.keeps_documents()).unwrap_or(true)
    }

    async fn entries(
        &self,
        lookup: &Lookup,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<Entry>, Error> {
        self.guard.attempt(self.reader.entries(lookup, before, limit)).await
    }

    async fn edition(&self) -> Result<Option<Edition>, Error> {
        self.guard.attempt(self.reader.edition()).await
    }

    fn fields(&self) -> &[String] {
        self.guard.call(|| self.reader.fields()).unwrap_or_default()
    }
}
