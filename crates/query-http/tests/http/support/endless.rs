use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use l0_stage::letters::{BuriedLetter, DeadLetters, LetterFilter, LetterPage, PageStart};
use l0_stage::time::OffsetDateTime;
use l0_stage::{Error, async_trait};
use tokio::sync::Semaphore;

use super::stock;

/// More dead letters than any test decides.
#[derive(Default)]
pub struct Endless {
    /// The letters that were replayed, in order.
    replayed: Mutex<Vec<i64>>,
    /// The most bytes of payloads that one page could have had.
    page_bytes: AtomicUsize,
    /// If set, each page waits for a permit.
    gate: Option<Arc<Semaphore>>,
    asked: AtomicUsize,
}

impl Endless {
    /// Letters whose pages wait for a permit of this gate.
    pub fn gated(gate: &Arc<Semaphore>) -> Self {
        Self { gate: Some(Arc::clone(gate)), ..Self::default() }
    }

    /// How many pages were requested.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    pub fn page_bytes(&self) -> usize {
        self.page_bytes.load(Ordering::SeqCst)
    }

    pub fn replayed(&self) -> Vec<i64> {
        self.replayed.lock().expect("lock").clone()
    }
}

fn letter(id: i64) -> BuriedLetter {
    let letter = stock::letter(id.unsigned_abs(), "1");
    BuriedLetter {
        id,
        buried_at: OffsetDateTime::UNIX_EPOCH,
        decision: None,
        reason: letter.rejection.reason.as_str().to_owned(),
        detail: letter.rejection.detail,
        document_key: letter.document_key,
        message: letter.message,
        size: 1,
    }
}

#[async_trait]
impl DeadLetters for Endless {
    async fn list(&self, _: &LetterFilter, page: &LetterPage) -> Result<Vec<BuriedLetter>, Error> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let bytes = page.payload_bytes.saturating_mul(page.limit);
        self.page_bytes.fetch_max(bytes, Ordering::SeqCst);
        if let Some(gate) = &self.gate {
            gate.acquire().await.map_err(Error::permanent)?.forget();
        }
        let PageStart::After(after) = page.from else { return Ok(Vec::new()) };
        Ok((after + 1..).take(page.limit).map(letter).collect())
    }

    async fn get(&self, id: i64) -> Result<Option<BuriedLetter>, Error> {
        Ok(Some(letter(id)))
    }

    async fn waiting(&self, most: usize) -> Result<usize, Error> {
        Ok(most)
    }

    async fn mark_replayed(&self, replayed: &[(i64, i64)]) -> Result<(), Error> {
        self.replayed.lock().expect("lock").extend(replayed.iter().map(|(id, _)| id));
        Ok(())
    }

    async fn discard(&self, _: &[i64]) -> Result<u64, Error> {
        Ok(0)
    }

    async fn purge(&self, _: &[i64]) -> Result<u64, Error> {
        Ok(0)
    }
}
