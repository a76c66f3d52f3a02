//! The words of Rust code: its names and its literals.

/// A name or a literal in code.
#[derive(Debug, PartialEq, Eq)]
pub enum Word {
    Name(String),
    Text(String),
}

/// The words of a file, without its comments, which are help texts too, and without its test
/// module.
pub fn words(code: &str) -> Vec<Word> {
    let code = code.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let (mut words, mut rest) = (Vec::new(), code);
    while let Some(c) = rest.chars().next() {
        let taken = match c {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '"' => {
                let end = end_of_text(&rest[1..]);
                words.push(Word::Text(rest[1..=end].to_owned()));
                end + 2
            }
            'r' if rest.starts_with("r#\"") => {
                let end = rest[3..].find("\"#").unwrap_or(rest.len() - 5);
                words.push(Word::Text(rest[3..3 + end].to_owned()));
                end + 5
            }
            '\'' if rest.starts_with("'\"'") => 3,
            c if is_of_name(c) => {
                let end = rest.find(|c| !is_of_name(c)).unwrap_or(rest.len());
                words.push(Word::Name(rest[..end].to_owned()));
                end
            }
            c => c.len_utf8(),
        };
        rest = rest.get(taken..).unwrap_or_default();
    }
    words
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The end of a literal, after its first quote.
fn end_of_text(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at,
            _ => {}
        }
    }
    text.len()
}

#[test]
fn comments_and_tests_are_no_words() {
    let code = "// no\nlet s = \"a \\\" // b\"; // no\n'\"'\n#[cfg(test)]\nmod tests {\nno";
    let name = |name: &str| Word::Name(name.to_owned());
    let text = Word::Text("a \\\" // b".to_owned());
    assert_eq!(words(code), [name("let"), name("s"), text]);
}
