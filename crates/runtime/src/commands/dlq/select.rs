//! Reads the letters that match a filter, page by page.

use l0_stage::Error;
use l0_stage::letters::{BuriedLetter, DeadLetters, LetterFilter, LetterPage, PageStart};

use super::options::Filter;

/// Letters per query: enough for one batch, few enough for the largest payloads.
const PAGE: usize = 100;

/// The letters that match a filter, page by page.
pub struct Selection {
    filter: LetterFilter,
    payload_bytes: usize,
    from: PageStart,
}

impl Selection {
    /// Selects whole letters, the oldest first.
    pub fn new(filter: &Filter) -> Self {
        let Filter { reason, since, until, key, decided } = filter;
        let filter = LetterFilter {
            reason: reason.clone(),
            since: *since,
            until: *until,
            document_key: key.clone(),
            decided: *decided,
        };
        Self { filter, payload_bytes: usize::MAX, from: PageStart::After(0) }
    }

    /// Selects letters without their payloads.
    pub fn heads(filter: &Filter, newest: bool) -> Self {
        let from = if newest { PageStart::Before(i64::MAX) } else { PageStart::After(0) };
        Self { payload_bytes: 0, from, ..Self::new(filter) }
    }

    /// The next page; `None` after the last.
    pub async fn next(
        &mut self,
        kept: &dyn DeadLetters,
    ) -> Result<Option<Vec<BuriedLetter>>, Error> {
        let page = LetterPage { from: self.from, limit: PAGE, payload_bytes: self.payload_bytes };
        let page = kept.list(&self.filter, &page).await?;
        let Some(last) = page.last() else { return Ok(None) };
        self.from = match self.from {
            PageStart::After(_) => PageStart::After(last.id),
            PageStart::Before(_) => PageStart::Before(last.id),
        };
        Ok(Some(page))
    }
}
