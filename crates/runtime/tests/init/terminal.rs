//! `init --from` on a terminal, where it can ask the user.

use l0_testkit::Terminal;

use crate::lab::Lab;

/// On a terminal, with messages in which two members could be the key.
async fn asked(lab: &Lab) -> Terminal {
    lab.sample("m.json", r#"{"id":"a","number":"n-1"}"#);
    let binary = env!("CARGO_BIN_EXE_l0-runtime");
    let mut terminal = Terminal::start(binary, &["init", "--from", "m.json"], lab.folder());
    let screen = terminal.wait_for("1 to 2 [1]:").await;
    assert!(screen.contains("Which member identifies a document?"), "{screen}");
    assert!(screen.contains("1  /id: ") && screen.contains("2  /number: "), "{screen}");
    assert!(!lab.folder().join("pipeline.toml").exists(), "{screen}");
    terminal
}

/// The column of the key.
async fn key_after(answer: &str) -> String {
    let lab = Lab::new();
    let mut terminal = asked(&lab).await;
    terminal.press(answer);
    assert!(terminal.end().await.success(), "{answer:?}");
    lab.validate();
    let config = lab.read("pipeline.toml");
    let key = config.lines().find_map(|line| line.strip_prefix("key = ")).unwrap();
    key.split('"').nth(1).unwrap().to_owned()
}

#[tokio::test]
async fn the_answer_is_the_key_and_no_answer_takes_the_first() {
    assert_eq!(key_after("2\n").await, "number");
    assert_eq!(key_after("1\n").await, key_after("\n").await);
    assert_eq!(key_after("\n").await, key_after("\u{4}").await, "Ctrl-D is no answer either");
}

#[tokio::test]
async fn nonsense_is_asked_again() {
    let lab = Lab::new();
    let mut terminal = asked(&lab).await;
    for nonsense in ["3", "number", "-1"] {
        terminal.press(&format!("{nonsense}\n"));
        // Text typed before the next question would appear above it.
        let lines = [&format!("1 to 2 [1]: {nonsense}"), "not one of them", "1 to 2 [1]:"];
        let lines = lines.map(|line| format!("{line:80}")).join("\n");
        terminal.wait_for(lines.trim_end()).await;
    }
    terminal.press("2\n");
    assert!(terminal.end().await.success());
    assert!(lab.read("pipeline.toml").contains("key = \"number\""));
}

#[tokio::test]
async fn ctrl_c_at_the_question_leaves_no_file() {
    let lab = Lab::new();
    let mut terminal = asked(&lab).await;
    terminal.press("\u{3}");
    assert!(!terminal.end().await.success());
    let left: Vec<_> = std::fs::read_dir(lab.folder()).unwrap().map(|it| it.unwrap()).collect();
    assert!(left.iter().all(|entry| entry.file_name() == "m.json"), "{left:?}");
}
