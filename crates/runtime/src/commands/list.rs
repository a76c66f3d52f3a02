use std::fmt::Write as _;

use serde_json::json;

use crate::answer::Answer;
use crate::cli::Cli;

/// Lists the kinds of stages by role, with a line on each.
pub fn list(cli: &Cli) -> Answer {
    let guides = cli.registry.guides();
    let width = guides.iter().map(|guide| guide.kind.len()).max().unwrap_or_default();
    let (mut text, mut last) = (String::new(), "");
    for guide in &guides {
        if guide.role != last {
            let _ = writeln!(text, "{}", guide.role);
            last = guide.role;
        }
        let line = format!("  {:width$}  {}", guide.kind, guide.about);
        let _ = writeln!(text, "{}", line.trim_end());
    }
    let kinds: Vec<_> = guides
        .iter()
        .map(|guide| json!({"role": guide.role, "kind": guide.kind, "about": guide.about}))
        .collect();
    Answer::data(text).with(json!({"kinds": kinds}))
}
