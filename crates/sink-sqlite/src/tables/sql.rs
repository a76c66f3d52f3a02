//! Splits SQL into words as SQLite does: enough to tell which names a rule of the catalog
//! reads.

/// The kind of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A keyword, or a name without quotes.
    Bare,
    /// A name in double quotes, backquotes or brackets.
    Quoted,
    /// A text in single quotes.
    Text,
    Number,
    /// Any other character.
    Mark,
}

/// A word, and where it begins in its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    pub kind: Kind,
    pub text: &'a str,
    pub at: usize,
}

impl Token<'_> {
    pub fn is_mark(&self, mark: &str) -> bool {
        self.kind == Kind::Mark && self.text == mark
    }

    pub fn is_keyword(&self, keyword: &str) -> bool {
        self.kind == Kind::Bare && self.text.eq_ignore_ascii_case(keyword)
    }

    pub fn is_name(&self) -> bool {
        matches!(self.kind, Kind::Bare | Kind::Quoted)
    }

    /// The word without its quotes. A doubled quote becomes a single one.
    pub fn unquoted(&self) -> String {
        let inside = || self.text.get(1..self.text.len().max(2) - 1).unwrap_or_default();
        match (self.kind, self.text.as_bytes().first()) {
            (Kind::Quoted, Some(b'[')) => inside().to_owned(),
            (Kind::Quoted | Kind::Text, Some(quote)) => {
                let quote = char::from(*quote);
                inside().replace(&format!("{quote}{quote}"), &quote.to_string())
            }
            _ => self.text.to_owned(),
        }
    }
}

/// All words of a text; comments are left out.
pub(crate) fn tokens(sql: &str) -> Vec<Token<'_>> {
    let (mut tokens, mut at) = (Vec::new(), 0);
    while let Some(rest) = sql.as_bytes().get(at..).filter(|rest| !rest.is_empty()) {
        let (kind, length) = first(rest);
        if let (Some(kind), Some(text)) = (kind, sql.get(at..at + length)) {
            tokens.push(Token { kind, text, at });
        }
        at += length;
    }
    tokens
}

/// The kind of the first word and its length, at least one byte. `None` is white space or a
/// comment.
fn first(rest: &[u8]) -> (Option<Kind>, usize) {
    match rest {
        [b'-', b'-', ..] => (None, end(rest, 2, |it| it.starts_with(b"\n"), 1)),
        [b'/', b'*', ..] => (None, end(rest, 2, |it| it.starts_with(b"*/"), 2)),
        [b'\'', ..] => (Some(Kind::Text), quoted(rest, b'\'')),
        [quote @ (b'"' | b'`'), ..] => (Some(Kind::Quoted), quoted(rest, *quote)),
        [b'[', ..] => (Some(Kind::Quoted), end(rest, 1, |it| it.starts_with(b"]"), 1)),
        [b, ..] if b.is_ascii_whitespace() => (None, 1),
        [b'0'..=b'9', ..] => (Some(Kind::Number), run(rest, |b| is_word(b) || b == b'.')),
        [b, ..] if is_word(*b) => (Some(Kind::Bare), run(rest, is_word)),
        _ => (Some(Kind::Mark), 1),
    }
}

/// How long `rest` is up to the first place, searched from `from`, at which `is_end` holds, plus
/// `more`. If no such place exists, the length of all of `rest`.
fn end(rest: &[u8], from: usize, is_end: impl Fn(&[u8]) -> bool, more: usize) -> usize {
    let found = (from..rest.len()).find(|at| is_end(&rest[*at..]));
    found.map_or(rest.len(), |at| at + more)
}

fn quoted(rest: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while let Some(byte) = rest.get(at) {
        match (*byte == quote, rest.get(at + 1) == Some(&quote)) {
            (true, true) => at += 2,
            (true, false) => return at + 1,
            (false, _) => at += 1,
        }
    }
    rest.len()
}

fn run(rest: &[u8], is_of: impl Fn(u8) -> bool) -> usize {
    rest.iter().position(|b| !is_of(*b)).unwrap_or(rest.len())
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || !byte.is_ascii()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert, proptest};

    use super::*;

    #[test]
    fn words_are_those_that_sqlite_reads() {
        let sql = "a.\"b \"\"c\" [d]]/* e */ 'f''g' -- h\n >= 1.5e3 имя";
        let words: Vec<_> = tokens(sql).iter().map(|it| (it.kind, it.unquoted())).collect();
        let of = |kind, text: &str| (kind, text.to_owned());
        let expected = [
            of(Kind::Bare, "a"),
            of(Kind::Mark, "."),
            of(Kind::Quoted, "b \"c"),
            of(Kind::Quoted, "d"),
            of(Kind::Mark, "]"),
            of(Kind::Text, "f'g"),
            of(Kind::Mark, ">"),
            of(Kind::Mark, "="),
            of(Kind::Number, "1.5e3"),
            of(Kind::Bare, "имя"),
        ];
        assert_eq!(words, expected);
    }

    proptest! {
        #[test]
        fn any_text_has_words_in_its_order(sql in "[-a\"'`\\[\\]/*.(é1\n ]{0,40}") {
            let found = tokens(&sql);
            prop_assert!(found.windows(2).all(|it| it[0].at + it[0].text.len() <= it[1].at));
            found.iter().for_each(|it| drop(it.unquoted()));
        }
    }
}
