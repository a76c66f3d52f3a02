//! What other tests run instead of this suite.

use std::process::Command;

use crate::page::{Page, read, root};

/// A command, the file that runs it, and the words by which that file does.
const COMMANDS: [(&str, &str, &str); 10] = [
    ("make test", ".ci/run", "step make test"),
    ("make up", "e2e/stack.test.mjs", ".make(\"up\")"),
    ("make producer", "e2e/stack.test.mjs", ".make(\"producer\")"),
    // Too long for a test, but its options at least must exist.
    ("make bench", "crates/bench/src/cli.rs", "struct"),
    ("make bench BENCH=--quick", "crates/bench/src/cli.rs", "quick:"),
    ("make bench BENCH=\"--strict --json bench.json\"", "crates/bench/src/cli.rs", "strict:"),
    ("make bench BENCH=\"--only clean --only ceiling\"", "crates/bench/src/cli.rs", "only:"),
    (
        "make bench BENCH=\"--only clean --variant pipeline.workers=4 --against /path/to/another/l0-runtime\"",
        "crates/bench/src/cli.rs",
        "against:",
    ),
    (READINGS, "examples/custom-stage/tests/binary.rs", "the_command_of_its_readme_prints"),
    (READINGS, "examples/custom-stage/tests/binary.rs", "examples/custom-stage/README.md"),
];

const READINGS: &str = r#"echo '{"reading":"r1","station":"Tromsø","at":"2026-01-31T12:00:00Z","celsius":-7.25}' |
  cargo run -p l0-custom-stage -- run -c examples/custom-stage/pipeline.toml --exit-when-drained"#;

/// A language of blocks in a text, the file that runs or makes these blocks, and the words by which
/// it does.
const DATA: [(&str, &str, &str, &str); 6] = [
    (
        "sql",
        "docs/from-nats-streaming.md",
        "crates/sink-postgres/tests/postgres/import.rs",
        "```sql",
    ),
    (
        "rust",
        "docs/write-a-stage.md",
        "examples/custom-stage/tests/binary.rs",
        "not in the example",
    ),
    ("toml", "docs/write-a-stage.md", "examples/custom-stage/tests/binary.rs", "pipeline.toml"),
    ("text", "docs/errors.md", "crates/runtime/tests/docs/errors.rs", "as_code"),
    ("toml", "docs/errors.md", "crates/runtime/tests/cli/codes.rs", "is not wrong"),
    ("toml", "docs/proxy.md", "e2e/proxy.test.mjs", "shown(\"What to set\")"),
];

/// Whether another file runs this command.
///
/// # Panics
/// That file does not run it any more, or the target does not exist.
pub fn runs(command: &str) -> bool {
    let mut rows = COMMANDS.iter().filter(|(known, ..)| *known == command).peekable();
    if rows.peek().is_none() {
        return false;
    }
    for (_, file, words) in rows {
        assert!(read(file).contains(words), "`{command}`: no `{words}` in {file}");
    }
    if command.starts_with("make ") {
        made(command);
    }
    true
}

/// Whether another file checks the blocks of this language in a text.
///
/// # Panics
/// That file does not check them any more.
pub fn proves(language: &str, page: &Page) -> bool {
    let row = DATA.iter().find(|(known, path, ..)| *known == language && *path == page.path);
    let Some((.., file, words)) = row else { return false };
    let text = read(file);
    assert!(text.contains(words) && text.contains(&page.path), "{}: not read by {file}", page.path);
    true
}

/// What a target of the Makefile would run.
///
/// # Panics
/// When there is no such target.
pub fn made(command: &str) -> String {
    let words = command.strip_prefix("make").unwrap();
    let mut make = Command::new("sh");
    make.args(["-c", &format!("make --no-print-directory -n {words}")]);
    // `make test` runs this test, so the flags of that make must not be inherited.
    let output = make.current_dir(root()).env_remove("MAKEFLAGS").output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "`{command}`: {error}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn each_row_is_of_a_command_that_a_text_has() {
    let commands = crate::commands::all();
    for (command, ..) in COMMANDS {
        assert!(
            commands.iter().any(|known| known == command),
            "no text has the command `{command}`"
        );
    }
    for (language, path, ..) in DATA {
        let page = Page { path: path.to_owned(), text: read(path) };
        let found = page.blocks().iter().any(|block| block.language == language);
        assert!(found, "no {language} in {path}");
    }
}
