use std::fmt::Write as _;

use l0_config::Diagnostic;
use l0_engine::{Examined, State};

/// Renders the checks by section: what was seen, or what is wrong, where, and what to do. `briefly`
/// leaves out the checks that are fine.
pub fn render(examined: &[Examined], briefly: bool, colored: bool) -> String {
    let shown = || examined.iter().filter(|check| !briefly || check.state != State::Fine);
    let width = shown().map(|check| check.name.len()).max().unwrap_or_default();
    let (mut text, mut section) = (String::new(), None);
    for check in shown() {
        if section.replace(&check.section) != Some(&check.section) {
            let gap = if text.is_empty() { "" } else { "\n" };
            let _ = writeln!(text, "{gap}[{}]", check.section);
        }
        let mark = mark(check.state, colored);
        let _ = writeln!(text, "  {mark} {:width$}  {}", check.name, check.message);
        if let Some(finding) = &check.finding {
            advise(&mut text, finding);
        }
    }
    text
}

fn mark(state: State, colored: bool) -> String {
    let (mark, color) = match state {
        State::Fine => ('✓', 32),
        State::Warning => ('⚠', 33),
        State::Trouble | State::Unreachable => ('✗', 31),
    };
    match colored {
        true => format!("\u{1b}[{color}m{mark}\u{1b}[0m"),
        false => mark.to_string(),
    }
}

fn advise(text: &mut String, finding: &Diagnostic) {
    let Diagnostic { file, line, notes, help, .. } = finding;
    match (file, line) {
        (Some(file), Some(line)) => {
            let shown = finding.shown_line().unwrap_or_default();
            let place = format!("      --> {file}:{line}  {shown}");
            let _ = writeln!(text, "{}", place.trim_end());
        }
        (Some(file), None) => {
            let _ = writeln!(text, "      --> {file}");
        }
        (None, _) => {}
    }
    for note in notes {
        let _ = writeln!(text, "      note: {note}");
    }
    if let Some(help) = help {
        let _ = writeln!(text, "      help: {help}");
    }
}
