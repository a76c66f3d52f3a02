//! The verb `health`.

use std::time::Duration;

use hyper::StatusCode;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::client::Client;
use super::target::Target;
use crate::answer::Answer;
use crate::cli::Cli;
use crate::exit::Exit;

/// Longest wait for the answer. A container's health check gives up soon after.
const ANSWER: Duration = Duration::from_secs(5);

/// Asks for `/readyz` of the instance that this configuration describes.
pub async fn health(cli: &Cli) -> Result<Answer, Exit> {
    let target = Target::configured(cli)?;
    let mut client =
        Client::new(&target, None).map_err(|error| Exit::usage(format!("{error:#}")))?;
    let Target { url, .. } = target;
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
