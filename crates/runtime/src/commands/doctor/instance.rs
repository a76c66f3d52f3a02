//! Reports what a running instance says about its own state.

use std::time::Duration;

use hyper::StatusCode;
use l0_config::{Config, Diagnostic};
use l0_engine::{Examined, Pipeline, located};
use l0_observe::{Degraded, Moment, Reason, Status};
use l0_stage::Finding;
use l0_stage::doctor::Check;
use time::OffsetDateTime;
use tokio::time::timeout;

use crate::commands::client::Client;
use crate::commands::target::Target;

/// Longest wait for the answer of the instance.
const ANSWER: Duration = Duration::from_secs(2);

const NAME: &str = "instance";

/// Codes of `/readyz` for causes that pass by themselves or come from another instance. They do not
/// keep `run` from working here.
const PASSING: [&str; 3] = [STARTING, "contended", "stalled"];

const STARTING: &str = "starting";

/// Asks the instance at the address where this configuration listens. Empty if no instance answers
/// at that address.
pub async fn look(pipeline: &Pipeline, config: &Config) -> Vec<Examined> {
    let Some(target) = Target::of(pipeline) else { return Vec::new() };
    let Ok(Some(answer)) = timeout(ANSWER, ask(&target)).await else { return Vec::new() };
    let Target { url, .. } = target;
    let checks = match answer {
        Answer::Status(status) if status.pipeline == pipeline.settings.name => {
            checks(&status, &url)
        }
        Answer::Status(_) => return Vec::new(), // the stage reports that its port is taken
        Answer::Locked => vec![locked(&url)],
    };
    let examined = checks.iter().map(|check| located(config, "pipeline", check));
    examined.map(without_line).collect()
}

/// What was found at the address.
enum Answer {
    Status(Box<Status>),
    /// The instance asks for a token.
    Locked,
}

async fn ask(target: &Target) -> Option<Answer> {
    let (status, body) = Client::new(target, None).ok()?.get("/api/status").await.ok()?;
    match status {
        StatusCode::UNAUTHORIZED => Some(Answer::Locked),
        _ => serde_json::from_slice(&body).ok().map(Answer::Status),
    }
}

fn locked(url: &str) -> Check {
    let text = format!("{url} asks for a token: the state of the instance is not known");
    let help = "`l0-runtime top --once --token-file FILE` shows the state";
    Check::warning(NAME, Finding::new("", text).help(help))
}

fn checks(status: &Status, url: &str) -> Vec<Check> {
    // A stage that is only starting is not reported while another has a real problem.
    let is_wrong = status.reasons.iter().any(|reason| reason.code != STARTING);
    let told = status.reasons.iter().filter(|reason| !is_wrong || reason.code != STARTING);
    let reasons = told.map(|Reason { stage, code, message, since, .. }| {
        let seconds = age(*since);
        let text = format!("{url} is not ready: {stage} {code} for {seconds} s: {message}");
        let help = format!("`l0-runtime explain {code}` says what helps");
        let finding = Finding::new("", text).help(help);
        match PASSING.contains(&code.as_str()) {
            true => Check::warning(NAME, finding),
            false => Check::trouble(NAME, finding),
        }
    });
    let degraded = status.degraded.iter().map(|Degraded { code, cause, messages, since }| {
        let seconds = age(*since);
        let counted = messages.map_or(String::new(), |messages| format!(" ({messages} messages)"));
        let text = format!("{url} is degraded for {seconds} s: {code}{counted}: {cause}");
        let help = format!("`l0-runtime explain {code}` says what helps");
        Check::warning(NAME, Finding::new("", text).help(help))
    });
    let mut checks: Vec<_> = reasons.chain(degraded).collect();
    if status.reasons.is_empty() {
        checks.insert(0, Check::fine(NAME, format!("{url} runs and is ready")));
    }
    checks
}

fn age(Moment(since): Moment) -> i64 {
    (OffsetDateTime::now_utc() - since).whole_seconds().max(0)
}

/// Removes the place in the file from the findings, because no line of the configuration caused
/// them.
fn without_line(mut examined: Examined) -> Examined {
    examined.finding = examined.finding.map(Diagnostic::without_line);
    examined
}
