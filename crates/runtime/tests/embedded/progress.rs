use l0_testkit::{Output, Runtime};

use crate::composed;
use crate::lab::binary;
use crate::stack::{SOON, root};

/// What `run` prints for a file of 30,000 orders, on a terminal or not.
async fn printed(terminal: bool) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let order = |number| format!("{{\"order_uid\":\"u\",\"track_number\":\"{number}\"}}\n");
    std::fs::write(folder.path().join("orders.jsonl"), (0..30_000).map(order).collect::<String>())
        .unwrap();
    let file = composed::source("stdin.toml").replace("\"-\"", "\"orders.jsonl\"");
    let pipeline = composed::write(folder.path(), &file, &composed::sink("http-to-sqlite.toml"));
    let arguments = format!("run --exit-when-drained --color never -c {}", pipeline.display());
    let run = if terminal {
        let command = format!("{} {arguments}", env!("CARGO_BIN_EXE_l0-runtime"));
        let script = Runtime::launch("script").current_dir(root()).env("TERM", "xterm");
        script.args(["--quiet", "--return", "--command", &command, "/dev/null"])
    } else {
        binary().args(arguments.split(' '))
    };
    let (status, output) = run.run(SOON).await;
    assert!(status.success(), "{output:?}");
    output
}

/// The lines on a terminal, without the sequences that move its cursor.
fn lines(terminal: &str) -> Vec<String> {
    let mut text = String::new();
    let mut rest = terminal.split('\x1b');
    text.push_str(rest.next().unwrap_or_default());
    for sequence in rest {
        let end = sequence.find(|c: char| c.is_ascii_alphabetic()).map_or(0, |end| end + 1);
        text.push_str(&sequence[end..]);
    }
    text.split(['\r', '\n']).map(str::to_owned).collect()
}

#[tokio::test]
async fn a_terminal_shows_a_bar_and_whole_lines_of_the_log() {
    let output = printed(true).await.stdout;
    let lines = lines(&output);
    let bars: Vec<_> = lines.iter().filter(|line| line.contains("% of ")).collect();
    assert!(!bars.is_empty(), "{output}");
    assert!(bars.iter().all(|bar| bar.trim_start().starts_with(['█', '░'])), "{bars:?}");
    let logged = lines.iter().filter(|line| line.contains(" INFO "));
    let logged: Vec<_> = logged.collect();
    assert!(logged.iter().all(|line| line.starts_with("20")), "{logged:?}");
    assert!(logged.last().unwrap().contains("drained delivered=30000"), "{logged:?}");
}

#[tokio::test]
async fn a_pipe_gets_the_log_alone() {
    let output = printed(false).await;
    assert_eq!(output.stdout, "");
    assert!(output.stderr.lines().all(|line| line.contains(" INFO ")), "{}", output.stderr);
}
