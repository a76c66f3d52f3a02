use l0_engine::Replay;
use l0_stage::{BuriedLetter, Error, LetterFilter, LetterPage, PageStart};

use crate::cli::Filter;

/// Letters read at once: enough for a batch, few enough for the largest payloads.
const PAGE: usize = 100;

/// The letters that a filter means, page by page, oldest first.
pub struct Selection {
    filter: LetterFilter,
    payload_bytes: usize,
    after: i64,
}

impl Selection {
    /// Whole letters.
    pub fn new(filter: &Filter) -> Self {
        let Filter { reason, since, until, key, decided } = filter;
        let filter = LetterFilter {
            reason: reason.clone(),
            since: *since,
            until: *until,
            document_key: key.clone(),
            decided: *decided,
        };
        Self { filter, payload_bytes: usize::MAX, after: 0 }
    }

    /// Letters without their payloads.
    pub fn heads(filter: &Filter) -> Self {
        Self { payload_bytes: 0, ..Self::new(filter) }
    }

    /// The next page; `None` after the last.
    pub async fn next(&mut self, replay: &Replay) -> Result<Option<Vec<BuriedLetter>>, Error> {
        let from = PageStart::After(self.after);
        let page = LetterPage { from, limit: PAGE, payload_bytes: self.payload_bytes };
        let page = replay.letters().list(&self.filter, &page).await?;
        let Some(last) = page.last() else { return Ok(None) };
        self.after = last.id;
        Ok(Some(page))
    }
}
