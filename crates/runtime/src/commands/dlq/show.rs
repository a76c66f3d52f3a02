use std::io::IsTerminal;

use l0_engine::Replay;
use l0_stage::{BuriedLetter, Decision, DecisionKind};
use serde_json::json;

use super::letter::{head, state, whole};
use super::select::Selection;
use crate::answer::Answer;
use crate::cli::Filter;
use crate::commands::printable::printable;
use crate::exit::Exit;

/// One line per letter on standard output, oldest first.
pub async fn list(replay: &Replay, filter: &Filter, limit: usize) -> Result<Answer, Exit> {
    let mut selection = Selection::heads(filter);
    let (mut lines, mut heads) = (String::new(), Vec::new());
    let mut left = limit;
    while let Some(page) = selection.next(replay).await? {
        for letter in page.iter().take(left) {
            lines.push_str(&line(letter));
            heads.push(head(letter));
        }
        left = left.saturating_sub(page.len());
        if left == 0 {
            break;
        }
    }
    Ok(Answer::data(lines).with(json!({"letters": heads})))
}

fn line(letter: &BuriedLetter) -> String {
    let BuriedLetter { id, buried_at, reason, detail, document_key, .. } = letter;
    let (state, key) = (state(letter), document_key.as_deref().unwrap_or("-"));
    let (key, detail) = (printable(key), printable(detail));
    format!("{id}\t{buried_at}\t{state}\t{reason}\t{key}\t{detail}\n")
}

/// What is known of a letter on standard error, its exact bytes on standard output. A terminal gets
/// them with control characters made visible.
pub async fn show(replay: &Replay, id: i64, json: bool) -> Result<Answer, Exit> {
    let Some(letter) = replay.letters().get(id).await? else {
        return Err(Exit::failed(format!("no dead letter has the id {id}")));
    };
    let payload = &letter.message.payload;
    let answer = match std::io::stdout().is_terminal() {
        true => Answer::data(format!("{}\n", printable(&String::from_utf8_lossy(payload)))),
        false => Answer::data(payload.to_vec()),
    };
    if !json {
        describe(&letter);
    }
    Ok(answer.with(whole(&letter)))
}

fn describe(letter: &BuriedLetter) {
    let BuriedLetter { id, buried_at, decision, reason, detail, message, .. } = letter;
    let origin = &message.origin;
    eprintln!("letter {id}, buried {buried_at}: {reason}");
    eprintln!("{}", printable(detail));
    eprintln!(
        "from stream {}, sequence {}, subject {}, published {}, delivery {}",
        origin.stream,
        origin.sequence,
        printable(&message.subject),
        origin.published,
        origin.attempt
    );
    match decision {
        None => {}
        Some(Decision { at, kind: DecisionKind::Replayed(None) }) => eprintln!("replayed {at}"),
        Some(Decision { at, kind: DecisionKind::Replayed(Some(id)) }) => {
            eprintln!("replayed {at}, stored as {id}");
        }
        Some(Decision { at, kind: DecisionKind::Discarded }) => eprintln!("discarded {at}"),
    }
    if !message.headers.is_empty() {
        eprintln!("headers: {}", printable(&String::from_utf8_lossy(&message.headers)));
    }
}
