//! `[[tests]]`: expects that the sample is stored, with a few of its values.

use super::choice::Choice;
use l0_stage::existing::Holds;

use super::column::{Column, Existing};
use super::plan::{Child, Plan};
use crate::learn::kind::Kind;
use crate::learn::tree::Json;
use crate::toml;

/// The most values of the document's row, including the key.
const MOST_VALUES: usize = 5;
/// The most rows of a child table.
const MOST_ROWS: usize = 5;
/// The most characters of a text.
const LONGEST: usize = 60;

/// The section. `first` is the message in the sample file.
pub fn test(choice: &Choice, plan: &Plan, first: &Json) -> String {
    let header = toml::line(
        "[[tests]]",
        "for `l0-runtime test`: a message, and the stored row or the rejection that you expect",
    );
    let head = format!(
        "{header}name = \"the sample is stored\"\nfile = {}\n",
        toml::string(&choice.sample_file())
    );
    let others = plan.columns.iter().filter(|column| !plan.is_key(column));
    let columns = plan.key_columns().into_iter().chain(others);
    let stored = columns.filter_map(|column| value(column, first)).take(MOST_VALUES);
    let stored: String = stored.map(|value| format!("{value}\n")).collect();
    let header = toml::line("[tests.stored]", "only these columns are compared");
    let children: String = plan.children.iter().filter_map(|it| rows(it, first)).collect();
    let children = match children.is_empty() {
        true => children,
        false => {
            let header =
                toml::line("[tests.children]", "exactly these rows, in the order of the message");
            format!("\n{header}{children}")
        }
    };
    format!("{head}\n{header}{stored}{children}")
}

/// `orders = [{ price = 453 }, {}]`; `None` if there are too many rows.
fn rows(child: &Child, first: &Json) -> Option<String> {
    let elements = match first.get(&child.path) {
        Some(Json::Array(elements)) => elements.as_slice(),
        _ => &[],
    };
    let row = |element: &Json| {
        let value = child.columns.iter().find_map(|column| value(column, element));
        value.map_or_else(|| "{}".to_owned(), |value| format!("{{ {value} }}"))
    };
    let rows: Vec<_> = elements.iter().map(row).collect();
    let name = toml::key(&child.table);
    (rows.len() <= MOST_ROWS).then(|| format!("{name} = [{}]\n", rows.join(", ")))
}

/// `price = 453`; `None` if a database may print the value differently from the message.
fn value(column: &Column, json: &Json) -> Option<String> {
    if column.existing.as_ref().is_some_and(|existing| !is_printed_alike(existing)) {
        return None;
    }
    let written = match json.get(&column.path)? {
        Json::Boolean(flag) => flag.to_string(),
        Json::Number(digits) if is_plain(digits) => digits.clone(),
        Json::Number(digits) => toml::string(digits),
        Json::Text(text) if text.chars().count() <= LONGEST && keeps(column.kind, text) => {
            toml::string(text)
        }
        _ => return None,
    };
    Some(format!("{} = {written}", toml::key(&column.name)))
}

/// Whether any database prints a value of such a column as the message has it.
fn is_printed_alike(existing: &Existing) -> bool {
    let declared = existing.declared.to_ascii_lowercase();
    let is_padded = ["char(", "character(", "bpchar"].iter().any(|it| declared.starts_with(it));
    matches!(existing.holds, Holds::Integer | Holds::Text | Holds::Boolean) && !is_padded
}

/// Whether TOML writes the number in the same way.
fn is_plain(digits: &str) -> bool {
    let whole = digits.split('.').next().unwrap_or_default();
    let all = |c: char| c.is_ascii_digit() || c == '.';
    digits.len() <= 15 && whole != "-0" && digits.trim_start_matches('-').chars().all(all)
}

/// Whether a column keeps the text: times lose everything finer than microseconds.
fn keeps(kind: Kind, text: &str) -> bool {
    match kind {
        Kind::Timestamp => {
            let fraction = text.split('.').nth(1).unwrap_or_default();
            fraction.chars().take_while(char::is_ascii_digit).count() <= 6
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_written_plainly_where_toml_keeps_its_digits() {
        for plain in ["0", "-12", "30.30", "123456789012345"] {
            assert!(is_plain(plain), "{plain}");
        }
        for other in ["-0", "-0.5", "1e5", "12345678901234567890", "1E-7"] {
            assert!(!is_plain(other), "{other}");
        }
    }

    #[test]
    fn what_a_database_prints_in_another_form_is_left_out() {
        assert!(keeps(Kind::Timestamp, "2026-01-31T12:00:00.123456Z"));
        assert!(!keeps(Kind::Timestamp, "2026-01-31T12:00:00.1234567Z"));
        assert!(keeps(Kind::Text, "2026-01-31T12:00:00.1234567Z"));
    }
}
