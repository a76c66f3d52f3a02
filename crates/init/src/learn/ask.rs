//! Asks the user which candidate is the key, if there is a terminal.

use std::io::{BufRead, Write};

use super::key::Candidate;

/// The most candidates that are shown.
const MOST: usize = 12;

/// The index of the chosen candidate; the first if the user only presses Enter.
///
/// # Errors
/// The terminal cannot be read or written.
pub fn choose(
    candidates: &[Candidate],
    mut input: impl BufRead,
    mut output: impl Write,
) -> std::io::Result<usize> {
    let shown = candidates.len().min(MOST);
    writeln!(
        output,
        "Which member identifies a document? Two messages with the same key are one document."
    )?;
    for (at, candidate) in candidates.iter().take(shown).enumerate() {
        let pointer = crate::toml::comment(&candidate.pointer());
        writeln!(output, "  {:>2}  {pointer}: {}", at + 1, candidate.reason)?;
    }
    loop {
        write!(output, "1 to {shown} [1]: ")?;
        output.flush()?;
        let mut line = String::new();
        if input.read_line(&mut line)? == 0 || line.trim().is_empty() {
            return Ok(0);
        }
        match line.trim().parse::<usize>() {
            Ok(number) if (1..=shown).contains(&number) => return Ok(number - 1),
            _ => writeln!(output, "not one of them")?,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::key::candidates;
    use super::super::shape::Shape;
    use super::super::tree::Json;
    use super::*;

    fn chosen(answer: &str) -> (usize, String) {
        let message: Json = serde_json::from_str(r#"{"id":1,"uuid":2}"#).unwrap();
        let messages = [message];
        let found = candidates("t", &Shape::of(&messages), &messages);
        let mut output = Vec::new();
        let chosen = choose(&found, answer.as_bytes(), &mut output).unwrap();
        (chosen, String::from_utf8(output).unwrap())
    }

    #[test]
    fn a_number_chooses_and_nothing_takes_the_first() {
        assert_eq!(chosen("2\n").0, 1);
        assert_eq!(chosen("\n").0, 0);
        assert_eq!(chosen("").0, 0);
    }

    #[test]
    fn what_is_no_number_of_the_list_is_asked_again() {
        let (chosen, output) = chosen("0\nx\n3\n2\n");
        assert_eq!(chosen, 1);
        assert_eq!(output.matches("not one of them").count(), 3);
    }
}
