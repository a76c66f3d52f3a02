use std::time::Duration;

use hyper::StatusCode;
use l0_engine::Needs;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::client::Client;
use crate::answer::Answer;
use crate::cli::Cli;
use crate::exit::Exit;

/// Longest wait for the answer; a container's health check gives up soon after.
const ANSWER: Duration = Duration::from_secs(5);

/// Asks `/readyz` of the instance that this configuration describes.
pub async fn health(cli: &Cli) -> Result<Answer, Exit> {
    let url = instance(cli)?;
    let mut client = Client::new(&url, None).map_err(|error| Exit::usage(format!("{error:#}")))?;
    let answer = timeout(ANSWER, client.get("/readyz")).await;
    let answer = answer.unwrap_or_else(|_| Err(anyhow::anyhow!("no answer in time")));
    let (status, body) =
        answer.map_err(|error| Exit::unreachable(format!("{url} does not answer: {error:#}")))?;
    let body = String::from_utf8_lossy(&body);
    let ready = status == StatusCode::OK;
    let said = serde_json::from_str::<Value>(&body).unwrap_or_else(|_| Value::from(&*body));
    let result = json!({"url": url, "ready": ready, "answer": said});
    match ready {
        true => Ok(Answer::done(format!("{url} is ready")).with(result)),
        false => Err(Exit::failed(format!("{url} is not ready: {body}")).with(result)),
    }
}

/// Where the instance is that this configuration describes.
pub fn instance(cli: &Cli) -> Result<String, Exit> {
    let (_, pipeline) = cli.load(Needs::HEALTH)?;
    pipeline.url().ok_or_else(|| {
        Exit::usage("nothing to ask: the configuration has neither [observe] nor [query.*]")
    })
}
