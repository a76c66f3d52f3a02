//! The requests of `top` to an instance.

use std::time::Duration;

use hyper::StatusCode;
use hyper::body::Bytes;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::timeout;

use super::snapshot::Snapshot;
use crate::commands::client::Client;
use crate::exit::Exit;
use l0_stage::text::printable;

/// Longest wait for an answer. After a time-out the figures on the screen count as stale.
const ANSWER: Duration = Duration::from_secs(2);

/// The present status of the instance, and its history.
///
/// # Errors
/// The instance does not answer, or what answers is not an l0-runtime.
pub async fn snapshot(client: &mut Client) -> Result<Snapshot, Exit> {
    let status = status(client).await?;
    let history = get(client, "/api/history").await?;
    Ok(Snapshot { status: parse(client, &status)?, history: parse(client, &history)? })
}

/// The body of `/api/status`, unchanged.
pub async fn status(client: &mut Client) -> Result<Bytes, Exit> {
    get(client, "/api/status").await
}

async fn get(client: &mut Client, path: &str) -> Result<Bytes, Exit> {
    let answer = timeout(ANSWER, client.get(path)).await;
    let answer = answer.unwrap_or_else(|_| Err(anyhow::anyhow!("no answer in {ANSWER:?}")));
    let url = client.url();
    match answer {
        Ok((StatusCode::OK, body)) => Ok(body),
        Ok((status, _)) => Err(Exit::failed(format!("{url} answers {path} with {status}"))),
        Err(error) => Err(Exit::unreachable(format!("{url} does not answer: {error:#}"))),
    }
}

/// Parses an answer of the instance.
pub fn parse<T: DeserializeOwned>(client: &Client, body: &[u8]) -> Result<T, Exit> {
    let parsed = serde_json::from_slice(body).map(visible);
    parsed.and_then(serde_json::from_value).map_err(|error| {
        Exit::failed(format!("{} answers, but not as l0-runtime: {error}", client.url()))
    })
}

/// The answer with every text made safe for a terminal.
fn visible(said: Value) -> Value {
    match said {
        Value::String(text) => printable(&text).into(),
        Value::Array(items) => items.into_iter().map(visible).collect(),
        Value::Object(members) => {
            members.into_iter().map(|(name, value)| (name, visible(value))).collect()
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::target::Target;

    #[test]
    fn what_an_instance_says_cannot_steer_the_terminal() {
        let target = Target::named("http://localhost:1", None).unwrap();
        let client = Client::new(&target, None).unwrap();
        let said = r#"{"a": ["\u001b[2J"], "b": {"c": "\u202e"}, "d": 1}"#;
        let parsed: Value = parse(&client, said.as_bytes()).unwrap();
        let expected = r#"{"a": ["\\u{1b}[2J"], "b": {"c": "\\u{202e}"}, "d": 1}"#;
        assert_eq!(parsed, serde_json::from_str::<Value>(expected).unwrap());
    }
}
