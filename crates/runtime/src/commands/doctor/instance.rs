//! What an instance says of itself that runs already.

use std::time::Duration;

use l0_engine::config::{Config, Diagnostic};
use l0_engine::{Examined, Pipeline, located};
use l0_stage::{Check, Finding};
use serde::Deserialize;
use time::OffsetDateTime;
use tokio::time::timeout;

use crate::commands::client::Client;
use crate::commands::top::{Degraded, Moment, Reason};

/// Longest wait for its answer.
const ANSWER: Duration = Duration::from_secs(2);

const NAME: &str = "instance";

/// `/readyz`
#[derive(Deserialize)]
struct Ready {
    ready: bool,
    #[serde(default)]
    reasons: Vec<Reason>,
    #[serde(default)]
    degraded: Vec<Degraded>,
}

/// Nothing if none answers where this configuration has one listen.
pub async fn look(pipeline: &Pipeline, config: &Config) -> Vec<Examined> {
    let Some(url) = pipeline.query.as_ref().and_then(|stage| stage.kind.url()) else {
        return Vec::new();
    };
    let Ok(Some(ready)) = timeout(ANSWER, ask(&url)).await else { return Vec::new() };
    let checks = checks(&ready, &url);
    let examined = checks.iter().map(|check| located(config, "pipeline", check));
    examined.map(without_line).collect()
}

async fn ask(url: &str) -> Option<Ready> {
    let (_, body) = Client::new(url, None).ok()?.get("/readyz").await.ok()?;
    serde_json::from_slice(&body).ok()
}

fn checks(ready: &Ready, url: &str) -> Vec<Check> {
    let reasons = ready.reasons.iter().map(|Reason { stage, code, message, since }| {
        let seconds = age(*since);
        let text = format!("{url} is not ready: {stage} {code} for {seconds} s: {message}");
        let help = format!("it is ready again once that has gone: `l0-runtime explain {code}`");
        Check::trouble(NAME, Finding::new("", text).help(help))
    });
    let degraded = ready.degraded.iter().map(|Degraded { code, rule, messages, since }| {
        let seconds = age(*since);
        let text =
            format!("{url} is degraded for {seconds} s: {messages} documents {code}: {rule}");
        let help = "mend the rule, or the documents: `l0-runtime top` shows both";
        Check::warning(NAME, Finding::new("", text).help(help))
    });
    let mut checks: Vec<_> = reasons.chain(degraded).collect();
    if ready.ready {
        checks.insert(0, Check::fine(NAME, format!("{url} runs and is ready")));
    }
    checks
}

fn age(Moment(since): Moment) -> i64 {
    (OffsetDateTime::now_utc() - since).whole_seconds().max(0)
}

/// No line of the configuration is to blame for it.
fn without_line(mut examined: Examined) -> Examined {
    examined.finding = examined.finding.map(Diagnostic::without_line);
    examined
}
