use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use l0_engine::Replay;
use l0_stage::BuriedLetter;

use super::select::Selection;
use crate::cli::Filter;
use crate::exit::Exit;

/// One line per letter on standard output, oldest first.
pub async fn list(replay: &Replay, filter: &Filter, limit: usize) -> Result<ExitCode, Exit> {
    let mut selection = Selection::new(filter);
    let mut left = limit;
    while let Some(page) = selection.next(replay).await? {
        for letter in page.iter().take(left) {
            line(replay, letter)?;
        }
        left = left.saturating_sub(page.len());
        if left == 0 {
            break;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn line(replay: &Replay, letter: &BuriedLetter) -> Result<(), Exit> {
    let BuriedLetter { id, buried_at, replayed_at, reason, detail, .. } = letter;
    let key = replay.key(letter).unwrap_or_else(|| "-".to_owned());
    let state = if replayed_at.is_some() { "replayed" } else { "open" };
    let (key, detail) = (printable(&key), printable(detail));
    print(format!("{id}\t{buried_at}\t{state}\t{reason}\t{key}\t{detail}\n").as_bytes())
}

/// What is known of a letter on standard error, its exact bytes on standard output. A terminal gets
/// them with control characters made visible.
pub async fn show(replay: &Replay, id: i64) -> Result<ExitCode, Exit> {
    let Some(letter) = replay.letters().get(id).await? else {
        return Err(Exit::failed(format!("no dead letter has the id {id}")));
    };
    let BuriedLetter { buried_at, replayed_at, reason, detail, message, .. } = &letter;
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
    if let Some(time) = replayed_at {
        eprintln!("replayed {time}");
    }
    if !message.headers.is_empty() {
        eprintln!("headers: {}", printable(&String::from_utf8_lossy(&message.headers)));
    }
    if std::io::stdout().is_terminal() {
        let text = String::from_utf8_lossy(&message.payload);
        print(format!("{}\n", printable(&text)).as_bytes())?;
    } else {
        print(&message.payload)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Stored text is hostile: nothing of it may steer a terminal or break a line.
fn printable(text: &str) -> String {
    let visible = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.into() };
    text.chars().map(visible).collect()
}

fn print(bytes: &[u8]) -> Result<(), Exit> {
    let written = std::io::stdout().lock().write_all(bytes);
    written.map_err(|error| Exit::failed(format!("cannot write to standard output: {error}")))
}
