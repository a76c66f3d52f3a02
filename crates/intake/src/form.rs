//! Recognises by the first bytes how an input separates its documents.

use crate::scan::Scan;

/// The two ways in which an input can separate its documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// One document in each line.
    Lines,
    /// An array of documents, or documents one after the other, each of which may have several
    /// lines.
    Values,
}

impl Form {
    /// The form of an input that begins with these bytes. `None` if more bytes are needed.
    ///
    /// The first line that is not blank decides. The form is [`Values`](Self::Values) if this line
    /// begins with `[`, contains two objects, or begins an object that continues in the next line.
    /// If the next line begins with `{`, the first line counts as a cut-off document, and the form
    /// is [`Lines`](Self::Lines).
    pub fn of(bytes: &[u8], has_ended: bool) -> Option<Self> {
        let undecided = has_ended.then_some(Self::Lines);
        let text = bytes.trim_ascii_start();
        match text.first() {
            None => undecided,
            Some(b'[') => Some(Self::Values),
            Some(b'{') => of_object(text).or(undecided),
            Some(_) => Some(Self::Lines),
        }
    }
}

fn of_object(text: &[u8]) -> Option<Form> {
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let is_whole_line = line.len() < text.len();
    let mut scan = Scan::new(b'{', false, None);
    let Some(end) = scan.feed(line, false) else {
        if !scan.is_open() {
            return is_whole_line.then_some(Form::Lines);
        }
        let next = text[line.len()..].trim_ascii_start().first();
        return next.map(|byte| if *byte == b'{' { Form::Lines } else { Form::Values });
    };
    match line[end.length..].trim_ascii_start().first() {
        Some(b'{') => Some(Form::Values),
        Some(_) => Some(Form::Lines),
        None => is_whole_line.then_some(Form::Lines),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_decides() {
        for (text, form) in [
            ("{\"a\":1}\n", Some(Form::Lines)),
            ("\n \r\n{\"a\":1} \r\n", Some(Form::Lines)),
            ("{\"a\":1", None),
            ("{\"a\":1}", None),
            ("{\"a\":1} x", Some(Form::Lines)),
            ("{\"a\":1}{", Some(Form::Values)),
            ("{\"a\":1} {\"b\":2}\n", Some(Form::Values)),
            ("{\n", None),
            ("{\n}", Some(Form::Values)),
            ("{\n\n  \"a\"", Some(Form::Values)),
            ("{ \"a\": 1,\r\n", None),
            ("{ \"a\": 1,\r\n \"b\": 2", Some(Form::Values)),
            ("{ \"a\": {\n{ \"b\": 2", Some(Form::Lines)),
            ("{ \"a\": \"}\n", Some(Form::Lines)),
            ("{ \"a\": 1]\n", Some(Form::Lines)),
            ("\n\n [", Some(Form::Values)),
            ("text", Some(Form::Lines)),
            ("<a>\n[", Some(Form::Lines)),
            (" \n", None),
        ] {
            assert_eq!(Form::of(text.as_bytes(), false), form, "{text:?}");
            let whole = form.unwrap_or(Form::Lines);
            assert_eq!(Form::of(text.as_bytes(), true), Some(whole), "{text:?}");
        }
    }
}
