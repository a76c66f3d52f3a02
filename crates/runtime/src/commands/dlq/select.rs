use l0_engine::Replay;
use l0_stage::{BuriedLetter, Error, LetterFilter};

use crate::cli::Filter;

/// Letters read at once: enough for a batch, few enough for the largest payloads.
const PAGE: usize = 100;

/// The letters that a filter means, page by page, oldest first.
pub struct Selection<'a> {
    filter: LetterFilter,
    key: Option<&'a str>,
    after: i64,
}

impl<'a> Selection<'a> {
    pub fn new(filter: &'a Filter) -> Self {
        let Filter { reason, since, until, key, replayed } = filter;
        let filter = LetterFilter {
            reason: reason.clone(),
            since: *since,
            until: *until,
            replayed: *replayed,
        };
        Self { filter, key: key.as_deref(), after: 0 }
    }

    /// The next page; `None` after the last. A page may be empty when no key of it matches.
    pub async fn next(&mut self, replay: &Replay) -> Result<Option<Vec<BuriedLetter>>, Error> {
        let mut page = replay.letters().list(&self.filter, self.after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(None) };
        self.after = last.id;
        if let Some(key) = self.key {
            page.retain(|letter| replay.key(letter).as_deref() == Some(key));
        }
        Ok(Some(page))
    }
}
