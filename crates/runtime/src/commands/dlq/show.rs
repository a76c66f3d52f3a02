use std::collections::BTreeMap;
use std::io::IsTerminal;

use l0_stage::letters::{BuriedLetter, DeadLetters, Decision, DecisionKind};
use serde_json::json;

use super::letter::{head, state, whole};
use super::options::Filter;
use super::select::Selection;
use crate::answer::Answer;
use crate::exit::Exit;
use l0_stage::text::printable;

/// Writes one line per letter to standard output, and their number by reason to standard error.
pub async fn list(
    kept: &dyn DeadLetters,
    filter: &Filter,
    limit: usize,
    newest: bool,
) -> Result<Answer, Exit> {
    let mut selection = Selection::heads(filter, newest);
    let (mut lines, mut heads, mut all) = (String::new(), Vec::new(), Reasons::default());
    while (all.is_countable() || heads.len() < limit)
        && let Some(page) = selection.next(kept).await?
    {
        for letter in &page {
            all.add(&letter.reason);
            if heads.len() < limit {
                lines.push_str(&line(letter));
                heads.push(head(letter));
            }
        }
    }
    let result = json!({
        "letters": heads, "total": all.total, "total_is_exact": all.is_countable(),
        "reasons": all.by_reason,
    });
    Ok(Answer::data(lines).saying(all.summary(heads.len(), newest)).with(result))
}

/// `list` counts letters up to this number.
const MOST_COUNTED: usize = 10_000;

/// The number of letters that match the filter, in all and by reason. Counting ends at
/// [`MOST_COUNTED`].
#[derive(Default)]
struct Reasons {
    total: usize,
    by_reason: BTreeMap<String, usize>,
}

impl Reasons {
    fn is_countable(&self) -> bool {
        self.total < MOST_COUNTED
    }

    fn add(&mut self, reason: &str) {
        self.total += 1;
        *self.by_reason.entry(reason.to_owned()).or_default() += 1;
    }

    fn summary(&self, shown: usize, newest: bool) -> String {
        let more = if self.is_countable() { "" } else { "at least " };
        let mut reasons: Vec<_> = self.by_reason.iter().collect();
        reasons.sort_by(|one, other| other.1.cmp(one.1).then(one.0.cmp(other.0)));
        let reasons: Vec<_> = reasons.iter().map(|(it, count)| format!("{count} {it}")).collect();
        let order = if newest { "the newest first" } else { "the oldest first" };
        match self.total {
            0 => "no letters".to_owned(),
            total => {
                format!("{shown} of {more}{total} letters, {order}: {}", reasons.join(", "))
            }
        }
    }
}

fn line(letter: &BuriedLetter) -> String {
    let BuriedLetter { id, buried_at, reason, detail, document_key, .. } = letter;
    let (state, key) = (state(letter), document_key.as_deref().unwrap_or("-"));
    let (key, detail) = (printable(key), printable(detail));
    format!("{id}\t{buried_at}\t{state}\t{reason}\t{key}\t{detail}\n")
}

/// Writes what is known of a letter to standard error, and its exact bytes to standard output. On a
/// terminal, control characters are made visible.
pub async fn show(kept: &dyn DeadLetters, id: i64, json: bool) -> Result<Answer, Exit> {
    let Some(letter) = kept.get(id).await? else {
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
        printable(&origin.stream),
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
