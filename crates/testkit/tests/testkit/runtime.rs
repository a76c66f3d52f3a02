//! The harness around the binary under test, tested with a shell.

use std::os::unix::process::ExitStatusExt;
use std::time::Duration;

use l0_testkit::{Launch, Runtime};

const SOON: Duration = Duration::from_secs(10);

/// A shell cannot trap a signal that was ignored when it started, as SIGINT is in a background job
/// of another shell.
fn shell(script: &str) -> Launch {
    Runtime::launch("/usr/bin/env").args(["--default-signal=INT", "/bin/sh", "-c", script])
}

#[tokio::test]
async fn a_line_is_seen_as_soon_as_it_is_printed_to_either_stream() {
    let runtime = shell("echo to stdout; echo to stderr >&2; exec sleep 60").start();
    assert_eq!(runtime.wait_for_log("stdout", SOON).await, "to stdout");
    assert_eq!(runtime.wait_for_log("stderr", SOON).await, "to stderr");
}

#[tokio::test]
#[should_panic(expected = "no `ready` before it ended")]
async fn waiting_for_a_line_ends_with_the_process() {
    shell("echo no").start().wait_for_log("ready", Duration::from_secs(3600)).await;
}

#[tokio::test]
async fn the_output_is_complete_once_the_exit_status_is_known() {
    let (status, output) = shell("seq 100000; echo last >&2; exit 3").run(SOON).await;
    assert_eq!(status.code(), Some(3));
    assert!(output.stdout.ends_with("\n100000\n"));
    assert_eq!(output.stderr, "last\n");
}

#[tokio::test]
async fn the_environment_holds_nothing_but_path_and_what_is_given() {
    let (_, output) = Runtime::launch("/usr/bin/env").env("PG_PORT", "1").run(SOON).await;
    let mut names: Vec<_> =
        output.stdout.lines().filter_map(|line| Some(line.split_once('=')?.0)).collect();
    names.sort_unstable();
    assert_eq!(names, ["PATH", "PG_PORT"]);
}

#[tokio::test]
async fn signals_reach_the_binary_itself() {
    // A new shell for each signal: a shell that is in its handler may lose the next one.
    let script = "trap 'exit 6' TERM; trap 'exit 7' INT; echo ready; while :; do sleep 0.05; done";
    let (terminated, interrupted) = (shell(script).start(), shell(script).start());
    terminated.wait_for_log("ready", SOON).await;
    interrupted.wait_for_log("ready", SOON).await;
    terminated.term();
    interrupted.int();
    assert_eq!(terminated.wait(SOON).await.code(), Some(6));
    assert_eq!(interrupted.wait(SOON).await.code(), Some(7));

    let killed = shell("exec sleep 60").start();
    killed.kill().await;
    assert_eq!(killed.wait(SOON).await.signal(), Some(9));
}
