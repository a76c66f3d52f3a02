use crate::page::Block;

/// A command of a text.
#[derive(Debug, Clone)]
pub struct Step {
    /// The number of its line, from 0.
    pub line: usize,
    /// The text for a shell, which ignores its comments.
    pub command: String,
    /// The line where the shown output begins, from 0.
    pub output: usize,
    pub shown: Vec<String>,
}

impl Step {
    /// The command without its comment, which two languages have in common.
    pub fn bare(&self) -> &str {
        self.command.split("  #").next().unwrap_or_default().trim_end()
    }
}

/// The commands of a block.
///
/// # Errors
/// When the block begins with something else.
pub fn steps(block: &Block) -> Result<Vec<Step>, String> {
    let mut steps: Vec<Step> = Vec::new();
    for (line, text) in (block.line..).zip(&block.lines) {
        if let Some(command) = text.strip_prefix("$ ") {
            let command = command.to_owned();
            steps.push(Step { line, command, output: line + 1, shown: vec![] });
            continue;
        }
        let step =
            steps.last_mut().ok_or_else(|| format!("`{text}` is no command: `$ ` begins one"))?;
        match text.strip_prefix("> ") {
            Some(more) if step.shown.is_empty() => {
                step.command = format!("{}\n{more}", step.command);
                step.output = line + 1;
            }
            _ => step.shown.push(text.clone()),
        }
    }
    if steps.is_empty() { Err("no command".to_owned()) } else { Ok(steps) }
}

#[test]
fn commands_go_on_after_an_angle_and_what_follows_is_shown() {
    let lines = ["$ a |", "> b", "printed", "> printed too", "$ c"].map(str::to_owned).to_vec();
    let language = "console".to_owned();
    let steps = steps(&Block { line: 10, language, lines, section: 0 }).unwrap();
    assert_eq!((steps[0].command.as_str(), steps[0].output), ("a |\nb", 12));
    assert_eq!(steps[0].shown, ["printed", "> printed too"]);
    assert_eq!((steps[1].command.as_str(), steps[1].line), ("c", 14));
}
