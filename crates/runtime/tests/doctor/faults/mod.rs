//! Faults of both servers, and misconfigurations. Each must be reported with the same cause in
//! `/readyz`, `/api/status`, `top`, `/metrics`, the log and `doctor`. `docs/faults.md` shows what
//! was seen.

mod nats;
mod postgres;
mod scene;
mod told;

use std::fmt::Write as _;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::{self, StreamExt};
use l0_testkit::require_services;

use crate::lab::root;
use scene::Scene;
use told::{Code, Told};

/// What is wrong, the code that reports it, and how to make it.
type Fault = (&'static str, Code, fn() -> LocalBoxFuture<'static, Scene>);

/// A small machine cannot run more scenes at the same time.
const AT_ONCE: usize = 6;

/// Lines that may differ from the stored ones: a few words depend on which of two time-outs comes
/// first.
const MOMENTARY: usize = 6;

#[tokio::test]
async fn every_fault_is_told_with_the_same_cause_in_every_place() {
    require_services!();
    let only = std::env::var("L0_FAULT").ok();
    let is_meant = |name: &str| only.as_ref().is_none_or(|only| name.contains(only));
    let faults = [nats::FAULTS, postgres::FAULTS].concat();
    let meant = faults.into_iter().filter(|(name, ..)| is_meant(name));
    let told = meant.enumerate().map(|(place, (name, code, scene))| async move {
        let told = AssertUnwindSafe(async { scene().await.told(code).await }).catch_unwind();
        (place, name, code, told.await.unwrap_or_else(|_| Err("a panic, above".to_owned())))
    });
    // One that takes long does not keep others from beginning.
    let mut told: Vec<_> = stream::iter(told).buffer_unordered(AT_ONCE).collect().await;
    told.sort_unstable_by_key(|(place, ..)| *place);
    let (mut text, mut failed) = (include_str!("head.md").to_owned(), Vec::new());
    for (_, name, code, told) in told {
        match told {
            Ok(told) => write(&mut text, name, code, &told),
            Err(problem) => failed.push(format!("{name}: {problem}")),
        }
    }
    println!("{text}");
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
    let file = root().join("docs/faults.md");
    if only.is_some() {
        return;
    }
    if std::env::var_os("L0_BLESS").is_some() {
        std::fs::write(file, text).unwrap();
    } else {
        let kept = std::fs::read_to_string(file).unwrap_or_default();
        let lacks = |page: &str, line: &str| !page.lines().any(|kept| kept == line);
        let new = text.lines().filter(|line| lacks(&kept, line)).map(|line| format!("+{line}"));
        let old = kept.lines().filter(|line| lacks(&text, line)).map(|line| format!("-{line}"));
        let other: Vec<_> = new.chain(old).collect();
        let told = other.join("\n");
        assert!(
            other.len() <= MOMENTARY,
            "docs/faults.md is another, L0_BLESS=1 renews it:\n{told}"
        );
    }
}

fn write(text: &mut String, name: &str, code: Code, told: &Told) {
    let _ = writeln!(text, "\n## {name}\n");
    let _ = match code {
        Code::Unready(stage, code) => {
            writeln!(text, "* `/readyz` 503, `{stage}` `{code}`: {}", told.said)
        }
        Code::Away(stage, code) => writeln!(text, "* `/readyz` 503, `{stage}` `{code}`"),
        Code::Degraded(code) => writeln!(text, "* `/readyz` 200, degraded `{code}`: {}", told.said),
        Code::Fine => writeln!(text, "* `/readyz` 200: `run` works in spite of it"),
    };
    let _ = writeln!(text, "* `doctor` exits with code {}", told.exit);
    for (said, help) in &told.doctor {
        let _ = writeln!(text, "  * {said}");
        if !help.is_empty() {
            let _ = writeln!(text, "    → {help}");
        }
    }
}
