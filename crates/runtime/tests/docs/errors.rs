//! The commands of `docs/errors.md` that make a mistake. `tests/cli/codes.rs` checks its
//! sections and variables.

use std::time::Duration;

use crate::folder::Folder;
use crate::page::read;

/// The code of each mistake that is a command, and the command.
fn mistakes(page: &str) -> Vec<(&str, &str)> {
    let sections = page.split("\n## ").skip(1);
    let wrong = |section| -> Option<(&str, &str)> {
        let (code, rest) = str::split_once(section, ':')?;
        let (_, wrong) = rest.split_once("Wrong:\n\n```text\n$ ")?;
        Some((code, wrong.split_once("\n```")?.0))
    };
    sections.filter_map(wrong).collect()
}

#[tokio::test]
async fn a_wrong_command_is_refused_as_code_and_page_say() {
    let page = read("docs/errors.md");
    let mistakes = mistakes(&page);
    assert_eq!(mistakes.len(), page.matches("Wrong:\n\n```text\n$ ").count());
    assert!(!mistakes.is_empty());
    let folder = Folder::new(false).await;
    for (code, command) in mistakes {
        let (status, output) = folder.shell(command).run(Duration::from_secs(50)).await;
        assert_eq!(status.code(), Some(2), "{command}: {}", output.stdout);
        let named = output.stdout.contains(&format!("error[{code}]"));
        assert!(named, "{command}: no {code} in {}", output.stdout);
    }
}
