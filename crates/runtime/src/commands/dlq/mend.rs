use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use l0_engine::Replay;
use l0_stage::{BuriedLetter, Replayed};
use serde_json::{Value, json};

use super::select::Selection;
use crate::answer::Answer;
use crate::cli::Letters;
use crate::exit::Exit;

/// Replays letters; those that are refused again stay as they are.
pub async fn replay(replay: &mut Replay, letters: &Letters) -> Result<Answer, Exit> {
    let (mut stored, mut duplicate, mut refused, mut would) = (0_u64, 0_u64, 0_u64, 0_u64);
    let progress = progress("replayed");
    let mut pages = Pages::new(letters);
    let mut told = Vec::new();
    while let Some(page) = pages.next(replay).await? {
        let results = replay.replay(&page, letters.dry_run).await?;
        for (letter, result) in page.iter().zip(results) {
            told.push(outcome(letter, &result));
            match result {
                Replayed::Stored(_) => stored += 1,
                Replayed::Duplicate(_) => duplicate += 1,
                Replayed::WouldTry => would += 1,
                Replayed::Refused(rejection) => {
                    refused += 1;
                    progress.suspend(|| eprintln!("letter {} refused: {rejection}", letter.id));
                }
            }
            progress.inc(1);
        }
    }
    progress.finish_and_clear();
    let summary = match letters.dry_run {
        true => format!("dry run: {would} would be tried, {refused} would be refused"),
        false => format!("{stored} stored, {duplicate} duplicates, {refused} refused"),
    };
    let result = json!({
        "stored": stored, "duplicates": duplicate, "refused": refused, "would_try": would,
        "dry_run": letters.dry_run, "letters": told,
    });
    match refused {
        0 => Ok(Answer::done(summary).with(result)),
        _ => Err(Exit::failed(summary).with(result)),
    }
}

fn outcome(letter: &BuriedLetter, replayed: &Replayed) -> Value {
    let (outcome, document, detail) = match replayed {
        Replayed::Stored(id) => ("stored", Some(*id), None),
        Replayed::Duplicate(id) => ("duplicate", Some(*id), None),
        Replayed::WouldTry => ("would_try", None, None),
        Replayed::Refused(rejection) => ("refused", None, Some(rejection.to_string())),
    };
    json!({"id": letter.id, "outcome": outcome, "document": document, "detail": detail})
}

/// Deletes letters for good.
pub async fn purge(replay: &Replay, letters: &Letters) -> Result<Answer, Exit> {
    let progress = progress("purged");
    let mut pages = Pages::new(letters);
    let (mut found, mut purged) = (0, 0);
    while let Some(page) = pages.next(replay).await? {
        let ids: Vec<i64> = page.iter().map(|letter| letter.id).collect();
        found += ids.len();
        if !letters.dry_run {
            purged += replay.letters().purge(&ids).await?;
        }
        progress.inc(ids.len() as u64);
    }
    progress.finish_and_clear();
    let summary = match letters.dry_run {
        true => format!("dry run: {found} would be purged"),
        false => format!("{purged} purged"),
    };
    let result = json!({"found": found, "purged": purged, "dry_run": letters.dry_run});
    Ok(Answer::done(summary).with(result))
}

/// The letters that a command line names: by their ids, or all that a filter means.
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

    async fn next(&mut self, replay: &Replay) -> Result<Option<Vec<BuriedLetter>>, Exit> {
        match self {
            Self::Filtered(selection) => Ok(selection.next(replay).await?),
            Self::Named(ids) => {
                let Some((id, rest)) = ids.split_first() else { return Ok(None) };
                *ids = rest;
                let letter = replay.letters().get(*id).await?;
                let letter = letter
                    .ok_or_else(|| Exit::failed(format!("no dead letter has the id {id}")))?;
                Ok(Some(vec![letter]))
            }
        }
    }
}

/// Shown on a terminal alone.
fn progress(verb: &str) -> ProgressBar {
    let progress = ProgressBar::new_spinner().with_message(verb.to_owned());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {pos} {msg}, {per_sec}") {
        progress.set_style(style);
    }
    progress.enable_steady_tick(Duration::from_millis(200));
    progress
}
