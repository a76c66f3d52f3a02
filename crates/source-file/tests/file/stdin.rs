//! Each test runs a child: the test program itself, with a pipe as its standard input.

use std::process::Stdio;
use std::time::Duration;

use l0_stage::{Stop, Verdict};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use crate::support::{Folder, PATIENCE};

const READY: &str = "ready";

/// Set only for the child.
const IS_CHILD: &str = "L0_SOURCE_FILE_CHILD";

/// Prints every batch. Stops when it has seen `stop`, even if its input is still open.
#[tokio::test]
async fn child() {
    if std::env::var_os(IS_CHILD).is_none() {
        return;
    }
    let source = Folder::with(&[]).open("-").await;
    let stop = Stop::new();
    println!("{READY}");
    while let Some(batch) = source.receive(100, &stop).await.expect("received") {
        for delivery in batch {
            let message = delivery.message;
            let text = String::from_utf8_lossy(&message.payload).into_owned();
            println!("{} {} {text}", message.origin.stream, message.origin.sequence);
            delivery.receipt.settle(Verdict::Stored { id: 1 }).await.expect("settled");
            if text == "stop" {
                stop.request();
            }
            if text == "stop soon" {
                let soon = stop.clone();
                tokio::spawn(async move {
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    soon.request();
                });
            }
        }
    }
    let total = source.progress().expect("known").total;
    println!("ended {total:?}");
}

struct Running {
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Running {
    async fn start() -> Self {
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "stdin::child", "--nocapture", "--quiet"])
            .env(IS_CHILD, "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("child");
        let input = child.stdin.take().expect("input");
        let output = BufReader::new(child.stdout.take().expect("output")).lines();
        let mut running = Self { child, input, output };
        running.prints(READY).await;
        running
    }

    async fn write(&mut self, text: &str) {
        self.input.write_all(text.as_bytes()).await.expect("written");
        self.input.flush().await.expect("flushed");
    }

    /// Reads the child's output up to this line, past what the test harness prints.
    async fn prints(&mut self, expected: &str) {
        let line = async {
            while let Some(line) = self.output.next_line().await.expect("read") {
                if line == expected {
                    return;
                }
            }
            panic!("the child ended without `{expected}`");
        };
        timeout(PATIENCE, line).await.expect(expected);
    }

    async fn exits(&mut self, within: Duration) {
        let status = timeout(within, self.child.wait()).await.expect("in time").expect("status");
        assert!(status.success(), "{status}");
    }
}

#[tokio::test]
async fn a_line_that_is_typed_is_handed_over_at_once_and_the_end_of_the_input_ends_it() {
    let mut running = Running::start().await;
    running.write("first\n").await;
    running.prints("stdin 1 first").await;
    running.write("\nsecond\nbegun").await;
    running.prints("stdin 3 second").await;
    running.write(", ended\n").await;
    running.prints("stdin 4 begun, ended").await;
    running.write("no line end").await;
    let Running { child, input, mut output } = running;
    drop(input);
    let mut rest = Vec::new();
    while let Some(line) = output.next_line().await.expect("read") {
        rest.push(line);
    }
    assert!(rest.iter().any(|line| line == "stdin 5 no line end"), "{rest:?}");
    assert!(rest.iter().any(|line| line == "ended None"), "{rest:?}");
    let output = child.wait_with_output().await.expect("status");
    assert!(output.status.success());
}

#[tokio::test]
async fn a_stop_ends_receiving_and_the_process_though_the_input_stays_open() {
    let mut running = Running::start().await;
    running.write("stop soon\n").await;
    running.prints("stdin 1 stop soon").await;
    running.prints("ended None").await;
    running.exits(Duration::from_secs(2)).await;
}

#[tokio::test]
async fn what_comes_after_a_stop_is_left_alone() {
    let mut running = Running::start().await;
    running.write("stop\n").await;
    running.prints("ended None").await;
    running.exits(Duration::from_secs(2)).await;
}
