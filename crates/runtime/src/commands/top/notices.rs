//! Texts that a person must read, one line each.

use super::condition::worth_telling;
use super::figures::{clock, count};
use l0_observe::{Degraded, Reason, Status};

/// Most warnings that a screen has room for.
const WARNINGS: usize = 3;
/// Longest warning on a screen, in characters.
const WARNING: usize = 150;

/// Why stages cannot work, and the messages that a stream has lost.
pub fn notices(Status { reasons, backlog, .. }: &Status) -> Vec<String> {
    let reasons = worth_telling(reasons).map(|Reason { stage, code, message, since, .. }| {
        format!("{stage} {code} since {}: {message}", clock(since.0))
    });
    let unseen = backlog.as_ref().map(|backlog| backlog.removed_unseen).filter(|lost| *lost > 0);
    let unseen = unseen
        .map(|lost| format!("{} messages left the stream before they were delivered", count(lost)));
    reasons.chain(unseen).collect()
}

/// What goes wrong while the pipeline works.
pub fn warnings(Status { degraded, latency, .. }: &Status) -> Vec<String> {
    let known = degraded.iter().any(|degraded| degraded.code == "clock_differs");
    let early = latency.as_ref().filter(|latency| latency.early > 0 && !known);
    let early = early.map(|latency| {
        let (early, all) = (count(latency.early), count(latency.documents));
        format!("clocks differ: {early} of {all} documents were stored before they were published")
    });
    degraded.iter().map(warning).chain(early).collect()
}

/// The first warnings, as many as the screen has room for, and how many more there are.
pub fn first(warnings: &[String]) -> Vec<String> {
    let rest = warnings.len().saturating_sub(WARNINGS);
    let rest = (rest > 0).then(|| format!("and {rest} more"));
    warnings.iter().take(WARNINGS).map(|warning| shortened(warning)).chain(rest).collect()
}

/// The command that says what helps, for each code.
pub fn explanations(Status { reasons, degraded, .. }: &Status) -> Vec<String> {
    let codes = worth_telling(reasons).map(|reason| reason.code.as_str());
    let codes = codes.chain(degraded.iter().map(|degraded| degraded.code.as_str()));
    let mut commands: Vec<String> = Vec::new();
    for code in codes {
        let command = format!("what helps: l0-runtime explain {code}");
        if !commands.contains(&command) {
            commands.push(command);
        }
    }
    commands
}

/// `given back since 12:00:01Z: 7 messages, orders_amount_check`
fn warning(Degraded { code, cause, messages, since }: &Degraded) -> String {
    let what = match code.as_str() {
        "given_back" => "given back",
        "kept_out" => "rows kept out",
        "all_rejected" => "all rejected",
        "source_full" => "source full",
        "connections_refused" => "connections refused",
        "clock_differs" => "clocks differ",
        other => other,
    };
    let counted = messages.map_or(String::new(), |messages| {
        let noun = if messages == 1 { "message" } else { "messages" };
        format!("{} {noun}, ", count(messages))
    });
    format!("{what} since {}: {counted}{cause}", clock(since.0))
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(WARNING) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
