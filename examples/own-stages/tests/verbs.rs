//! What the verbs say of stages of one's own.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::path::Path;
use std::time::Duration;

use l0_testkit::Runtime;
use tempfile::TempDir;

const SOON: Duration = Duration::from_secs(50);

/// A folder with the pipeline and these sections below it.
fn with(sections: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let pipeline = Path::new(env!("CARGO_MANIFEST_DIR")).join("pipeline.toml");
    let pipeline = std::fs::read_to_string(pipeline).expect("the pipeline");
    std::fs::write(folder.path().join("pipeline.toml"), pipeline + sections).expect("written");
    folder
}

async fn told(folder: &TempDir, verb: &str) -> (Option<i32>, String) {
    let launch = Runtime::launch(env!("CARGO_BIN_EXE_l0-own-stages"));
    let launch = launch.args(verb.split(' ')).current_dir(folder.path());
    let (status, output) = launch.run(SOON).await;
    (status.code(), output.stdout + &output.stderr)
}

fn test(celsius: i32, reason: &str) -> String {
    let message = format!(r#"{{"reading": "r1", "at": "2026-01-31", "celsius": {celsius}}}"#);
    format!("\n[[tests]]\nname = \"{celsius}\"\nmessage = '{message}'\nrejected = \"{reason}\"\n")
}

#[tokio::test]
async fn a_test_can_expect_a_reason_of_the_validator_s_own() {
    let (code, text) = told(&with(&test(900, "out_of_range")), "test").await;
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("1 passed, 0 failed\n"), "{text}");

    let (code, text) = told(&with(&test(9, "out_of_range")), "test").await;
    assert_eq!(code, Some(1), "{text}");
    let failed =
        "expected the message to be rejected as `out_of_range`, but it passes the validation";
    assert!(text.contains(failed), "{text}");
}

#[tokio::test]
async fn a_reason_that_no_stage_has_is_a_mistake_with_those_that_exist() {
    for verb in ["validate", "test"] {
        let (code, text) = told(&with(&test(900, "out_of_rage")), verb).await;
        assert_eq!(code, Some(2), "{text}");
        for part in ["no stage of this pipeline", "did you mean `out_of_range`?", "`unfit_value`"] {
            assert!(text.contains(part), "no `{part}` in {text}");
        }
    }
}

#[tokio::test]
async fn an_editor_knows_the_reasons_of_the_stages_that_the_binary_has() {
    let (code, schema) = told(&with(""), "config schema").await;
    assert_eq!(code, Some(0), "{schema}");
    assert!(schema.contains(r#""const": "out_of_range""#), "{schema}");
}

#[tokio::test]
async fn doctor_says_which_services_it_did_not_look_at() {
    let folder = with("");
    std::fs::write(folder.path().join("readings.jsonl"), "").expect("written");
    let (code, text) = told(&folder, "doctor").await;
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(text.matches("this kind of stage has no check of its service").count(), 2, "{text}");
}

#[tokio::test]
async fn the_log_names_the_kind_of_a_stage_that_cannot_work() {
    let folder = with("");
    let launch = Runtime::launch(env!("CARGO_BIN_EXE_l0-own-stages"));
    let runtime = launch.args(["run"]).current_dir(folder.path()).start();
    runtime.wait_for_log("waiting for the source tail to work again", SOON).await;
    std::fs::write(folder.path().join("readings.jsonl"), "").expect("written");
    runtime.wait_for_log("source connected", SOON).await;
    runtime.term();
    assert!(runtime.wait(SOON).await.success());
}
