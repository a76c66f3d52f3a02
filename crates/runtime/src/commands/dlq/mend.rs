use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use l0_engine::Replay;
use l0_stage::letters::{BuriedLetter, DeadLetters};
use l0_stage::{Rejection, Verdict};
use serde_json::{Value, json};

use super::options::Letters;
use super::select::Selection;
use crate::answer::Answer;
use crate::exit::Exit;
use l0_stage::text::printable;

/// Replays letters. A letter that is refused again stays as it is. With `quiet` the refused ones
/// are not named on standard error, because the result names them.
pub async fn replay(replay: &mut Replay, letters: &Letters, quiet: bool) -> Result<Answer, Exit> {
    let mut tally = Tally::default();
    let done = replay_all(replay, letters, quiet, &mut tally).await;
    let summary = tally.summary(letters.dry_run);
    let result = tally.result(letters.dry_run);
    match done {
        // Letters replayed before the failure stay replayed, so the exit reports them.
        Err(exit) => Err(exit.with(result)),
        Ok(()) if tally.rejected > 0 => Err(Exit::failed(summary).with(result)),
        Ok(()) => Ok(Answer::done(summary).with(result)),
    }
}

async fn replay_all(
    replay: &mut Replay,
    letters: &Letters,
    quiet: bool,
    tally: &mut Tally,
) -> Result<(), Exit> {
    let progress = progress("replayed");
    let mut pages = Pages::new(letters);
    while let Some(page) = pages.next(replay.letters()).await? {
        let results = match letters.dry_run {
            true => page.iter().map(|letter| replay.refusal(letter).map(Verdict::Buried)).collect(),
            false => replay.replay(&page).await?.into_iter().map(Some).collect::<Vec<_>>(),
        };
        for (letter, result) in page.iter().zip(&results) {
            tally.add(letter.id, result.as_ref());
            if let (Some(Verdict::Buried(rejection)), false) = (result, quiet) {
                progress.suspend(|| {
                    eprintln!("letter {} refused: {}", letter.id, printable(&rejection.to_string()))
                });
            }
            progress.inc(1);
        }
    }
    progress.finish_and_clear();
    Ok(())
}

/// The ids of the letters by what became of them, in the words of the HTTP API.
#[derive(Default)]
struct Tally {
    stored: u64,
    duplicate: u64,
    rejected: u64,
    would_try: u64,
    letters: Vec<Value>,
}

impl Tally {
    /// Counts a letter. `verdict` is `None` in a dry run for a letter that would be tried.
    fn add(&mut self, id: i64, verdict: Option<&Verdict>) {
        let (count, mut told) = match verdict {
            Some(Verdict::Stored { id: document }) => {
                (&mut self.stored, json!({"result": "stored", "document": document}))
            }
            Some(Verdict::Duplicate { id: document }) => {
                (&mut self.duplicate, json!({"result": "duplicate", "document": document}))
            }
            Some(Verdict::Returned(_)) | None => {
                (&mut self.would_try, json!({"result": "would_try"}))
            }
            Some(Verdict::Buried(Rejection { reason, detail })) => {
                let reason = reason.as_str();
                let told = json!({"result": "rejected", "reason": reason, "detail": detail});
                (&mut self.rejected, told)
            }
        };
        *count += 1;
        told["id"] = json!(id);
        self.letters.push(told);
    }

    fn summary(&self, dry_run: bool) -> String {
        let Self { stored, duplicate, rejected, would_try, .. } = self;
        match dry_run {
            true => format!("dry run: {would_try} would be tried, {rejected} would be refused"),
            false => format!("{stored} stored, {duplicate} duplicates, {rejected} refused"),
        }
    }

    fn result(&self, dry_run: bool) -> Value {
        let Self { stored, duplicate, rejected, would_try, letters } = self;
        json!({
            "stored": stored, "duplicate": duplicate, "rejected": rejected,
            "would_try": would_try, "dry_run": dry_run, "letters": letters,
        })
    }
}

/// Deletes letters for good.
pub async fn purge(kept: &dyn DeadLetters, letters: &Letters) -> Result<Answer, Exit> {
    let dry_run = letters.dry_run;
    let (mut found, mut purged) = (0, 0);
    let done = purge_all(kept, letters, &mut found, &mut purged).await;
    let result = json!({"found": found, "purged": purged, "dry_run": dry_run});
    // Letters deleted before the failure are gone, so the exit reports them.
    done.map_err(|exit| exit.with(&result))?;
    let summary = match dry_run {
        true => format!("dry run: {found} would be purged"),
        false => format!("{purged} purged"),
    };
    Ok(Answer::done(summary).with(result))
}

async fn purge_all(
    kept: &dyn DeadLetters,
    letters: &Letters,
    found: &mut usize,
    purged: &mut u64,
) -> Result<(), Exit> {
    let progress = progress("purged");
    let mut pages = Pages::new(letters);
    while let Some(page) = pages.next(kept).await? {
        let ids: Vec<i64> = page.iter().map(|letter| letter.id).collect();
        *found += ids.len();
        if !letters.dry_run {
            *purged += kept.purge(&ids).await?;
        }
        progress.inc(ids.len() as u64);
    }
    progress.finish_and_clear();
    Ok(())
}

/// The letters that a command line names: by their ids, or all that match a filter.
enum Pages<'a> {
    Named(&'a [i64]),
    Filtered(Selection),
}

impl<'a> Pages<'a> {
    fn new(letters: &'a Letters) -> Self {
        if letters.all {
            Self::Filtered(Selection::new(&letters.filter))
        } else {
            Self::Named(&letters.ids)
        }
    }

    async fn next(&mut self, kept: &dyn DeadLetters) -> Result<Option<Vec<BuriedLetter>>, Exit> {
        match self {
            Self::Filtered(selection) => Ok(selection.next(kept).await?),
            Self::Named(ids) => {
                let Some((id, rest)) = ids.split_first() else { return Ok(None) };
                *ids = rest;
                let letter = kept.get(*id).await?;
                let letter = letter
                    .ok_or_else(|| Exit::failed(format!("no dead letter has the id {id}")))?;
                Ok(Some(vec![letter]))
            }
        }
    }
}

/// A progress bar that is shown on a terminal only.
fn progress(verb: &str) -> ProgressBar {
    let progress = ProgressBar::new_spinner().with_message(verb.to_owned());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {pos} {msg}, {per_sec}") {
        progress.set_style(style);
    }
    progress.enable_steady_tick(Duration::from_millis(200));
    progress
}
