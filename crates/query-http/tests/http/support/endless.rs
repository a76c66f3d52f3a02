use std::sync::Mutex;

use l0_stage::time::OffsetDateTime;
use l0_stage::{
    BuriedLetter, DeadLetters, Error, LetterFilter, LetterPage, PageStart, async_trait,
};

use super::stock;

/// More dead letters than anybody decides.
#[derive(Default)]
pub struct Endless {
    /// Those that were replayed, in this order.
    replayed: Mutex<Vec<i64>>,
}

impl Endless {
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
