//! Replaying and discarding dead letters.

use std::sync::Arc;
use std::time::Instant;

use l0_stage::letters::{BuriedLetter, LetterFilter, LetterPage, PageStart};
use l0_stage::{Error, Rejection, Verdict};
use serde::Serialize;

use super::asked::Asked;
use super::letters::Letter;
use super::{Answer, Api, json};
use crate::problem::Problem;
use l0_observe::MOST_LETTERS;

/// The most letters that one call replays.
const PER_CALL: usize = MOST_LETTERS;
/// The most letters in memory at the same time.
const PAGE: usize = 100;
/// The most bytes of their payloads.
const PAGE_BYTES: usize = 16 * 1024 * 1024;

/// What became of one letter.
#[derive(Debug, Serialize)]
struct Outcome {
    result: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<i64>,
    #[serde(flatten)]
    refused: Option<Refused>,
    letter: Letter,
}

#[derive(Debug, Serialize)]
struct Refused {
    reason: &'static str,
    detail: String,
}

/// `POST /api/dead-letters/{id}/replay`.
pub(crate) async fn replay(api: Arc<Api>, asked: Asked) -> Answer {
    let letter = undecided(&api, asked.id()?).await?;
    let replayed = replayed(&api, std::slice::from_ref(&letter)).await?;
    let (result, document, refused) = match replayed.into_iter().next() {
        Some(Verdict::Stored { id }) => ("stored", Some(id), None),
        Some(Verdict::Duplicate { id }) => ("duplicate", Some(id), None),
        Some(Verdict::Buried(Rejection { reason, detail })) => {
            ("rejected", None, Some(Refused { reason: reason.as_str(), detail }))
        }
        Some(Verdict::Returned(_)) | None => return Err(Problem::internal()),
    };
    let letter = Letter::from(&api.letter(letter.id).await?);
    Ok(json(&Outcome { result, document, refused, letter }))
}

/// `POST /api/dead-letters/{id}/discard`.
pub(crate) async fn discard(api: Arc<Api>, asked: Asked) -> Answer {
    let id = undecided(&api, asked.id()?).await?.id;
    let marked = api.letters()?.discard(&[id]).await;
    api.tally.forget();
    let marked =
        marked.map_err(|error| api.complaints.of("a dead letter cannot be discarded", &error))?;
    if marked == 0 {
        return Err(Problem::decided());
    }
    let letter = Letter::from(&api.letter(id).await?);
    Ok(json(&Outcome { result: "discarded", document: None, refused: None, letter }))
}

async fn undecided(api: &Api, id: i64) -> Result<BuriedLetter, Problem> {
    let letter = api.letter(id).await?;
    if letter.decision.is_some() { Err(Problem::decided()) } else { Ok(letter) }
}

#[derive(Debug, Default, Serialize)]
struct Sums {
    stored: u64,
    duplicate: u64,
    rejected: u64,
    /// The value of `after` for the next call; `None` after the last letter.
    next: Option<i64>,
}

/// `POST /api/dead-letters/replay?after=`: replays waiting letters, the oldest first, as many as
/// one call may take in the time of an answer.
pub(crate) async fn replay_all(api: Arc<Api>, asked: Asked) -> Answer {
    let mut parameters = asked.parameters()?;
    let mut after = parameters.take_id("after")?.unwrap_or_default();
    parameters.refuse_others()?;
    api.letters()?;
    check(&api)?;
    // Two at the same time would take the same letters, and twice the memory.
    let _alone = api.replaying_all.try_lock().map_err(|_| Problem::busy())?;
    let (began, filter) = (Instant::now(), LetterFilter::default());
    let (mut sums, mut left) = (Sums::default(), PER_CALL);
    while left > 0 {
        let limit = per_page(api.max_document_bytes).min(left);
        let page = page(&api, &filter, after, limit).await?;
        let Some(last) = page.last() else {
            sums.next = None;
            break;
        };
        after = last.id;
        left -= page.len().min(left);
        sums.next = (page.len() == limit).then_some(after);
        for verdict in replayed(&api, &page).await? {
            sums.add(&verdict);
        }
        if sums.next.is_none() || began.elapsed() > api.patience / 2 {
            break;
        }
    }
    Ok(json(&sums))
}

/// As many letters as fit into memory if every document has the largest size.
fn per_page(max_document_bytes: usize) -> usize {
    (PAGE_BYTES / max_document_bytes.max(1)).clamp(1, PAGE)
}

impl Sums {
    fn add(&mut self, verdict: &Verdict) {
        match verdict {
            Verdict::Stored { .. } => self.stored += 1,
            Verdict::Duplicate { .. } => self.duplicate += 1,
            Verdict::Buried(_) => self.rejected += 1,
            Verdict::Returned(_) => {}
        }
    }
}

/// Reads a page of letters. Of a payload that is too large, only as much is read as shows that.
async fn page(
    api: &Api,
    filter: &LetterFilter,
    after: i64,
    limit: usize,
) -> Result<Vec<BuriedLetter>, Problem> {
    let from = PageStart::After(after);
    let payload_bytes = api.max_document_bytes.saturating_add(1);
    let page = LetterPage { from, limit, payload_bytes };
    let page = api.letters()?.list(filter, &page).await;
    page.map_err(|error| unreadable(api, &error))
}

fn unreadable(api: &Api, error: &Error) -> Problem {
    api.complaints.of("dead letters cannot be read", error)
}

async fn replayed(api: &Api, letters: &[BuriedLetter]) -> Result<Vec<Verdict>, Problem> {
    check(api)?;
    let replayed = api.view.instance.replay(letters).await;
    api.tally.forget();
    replayed.map_err(|error| {
        api.complaints.or("dead letters cannot be replayed", &error, Problem::cannot_replay())
    })
}

fn check(api: &Api) -> Result<(), Problem> {
    if api.view.instance.can_replay() { Ok(()) } else { Err(Problem::cannot_replay()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_larger_a_document_may_be_the_fewer_letters_are_replayed_at_once() {
        for (max_document_bytes, letters) in [(1, 100), (1024, 100), (1 << 20, 16), (1 << 30, 1)] {
            assert_eq!(per_page(max_document_bytes), letters, "{max_document_bytes}");
        }
    }
}
