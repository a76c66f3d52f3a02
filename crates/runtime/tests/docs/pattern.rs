//! Compares a shown output with a printed one, in the notation of cargo's tests.

/// Stands for any number of lines, or none.
pub const LINES: &str = "...";
const PART: &str = "[..]";

/// Whether it leaves a part open.
pub fn is_open(shown: &[String]) -> bool {
    shown.iter().any(|line| line == LINES || line.contains(PART))
}

/// Whether these lines were printed, and no others.
pub fn matches(shown: &[String], printed: &[&str]) -> bool {
    match (shown, printed) {
        ([], printed) => printed.is_empty(),
        ([first, rest @ ..], _) if first == LINES => {
            (0..=printed.len()).any(|skipped| matches(rest, &printed[skipped..]))
        }
        ([first, rest @ ..], [line, others @ ..]) => {
            line_matches(first, line) && matches(rest, others)
        }
        (_, []) => false,
    }
}

fn line_matches(shown: &str, line: &str) -> bool {
    let (shown, line) = (shown.trim_end(), line.trim_end());
    let Some((begin, rest)) = shown.split_once(PART) else { return shown == line };
    let Some(line) = line.strip_prefix(begin) else { return false };
    let ends = line.char_indices().map(|(at, _)| at).chain([line.len()]);
    ends.into_iter().any(|at| line_matches(rest, &line[at..]))
}

#[test]
fn a_mark_stands_for_what_it_says_and_nothing_else() {
    let shown = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let fits =
        |pattern: &str, text: &str| matches(&shown(pattern), &text.lines().collect::<Vec<_>>());
    assert!(fits("a\nb", "a\nb"));
    assert!(fits("a\n...\nd", "a\nb\nc\nd") && fits("a\n...", "a"));
    assert!(fits("one [..] of [..]s", "one cup of teas"));
    for (pattern, text) in [("a", "a\nb"), ("a\nb", "a"), ("...\nd", "a\nb"), ("a[..]c", "abcd")] {
        assert!(!fits(pattern, text), "{pattern} fits {text}");
    }
}
