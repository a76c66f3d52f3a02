use std::time::Duration;

use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Bytes;
use hyper::{Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use l0_engine::Needs;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::answer::Answer;
use crate::cli::Cli;
use crate::exit::Exit;

/// Longest wait for the answer; a container's health check gives up soon after.
const ANSWER: Duration = Duration::from_secs(5);
const LARGEST_ANSWER: usize = 64 << 10;

/// Asks `/readyz` of the instance that this configuration describes.
pub async fn health(cli: &Cli) -> Result<Answer, Exit> {
    let (_, pipeline) = cli.load(Needs::HEALTH)?;
    let Some(url) = pipeline.query.and_then(|stage| stage.kind.url()) else {
        return Err(Exit::usage("nothing to ask: the configuration has no [query.*] section"));
    };
    let answer = timeout(ANSWER, ask(&url)).await;
    let answer = answer.unwrap_or_else(|_| Err(anyhow::anyhow!("no answer in time")));
    let (status, body) =
        answer.map_err(|error| Exit::unreachable(format!("{url} does not answer: {error:#}")))?;
    let ready = status == StatusCode::OK;
    let said = serde_json::from_str::<Value>(&body).unwrap_or_else(|_| Value::from(body.as_str()));
    let result = json!({"url": url, "ready": ready, "answer": said});
    match ready {
        true => Ok(Answer::done(format!("{url} is ready")).with(result)),
        false => Err(Exit::failed(format!("{url} is not ready: {body}")).with(result)),
    }
}

async fn ask(url: &str) -> anyhow::Result<(StatusCode, String)> {
    let url: Uri = url.parse()?;
    let authority = url.authority().map(ToString::to_string).unwrap_or_default();
    let stream = TcpStream::connect(&authority).await?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let request = Request::get("/readyz").header("host", authority).body(Empty::<Bytes>::new())?;
    let answer = sender.send_request(request).await?;
    let status = answer.status();
    let body = Limited::new(answer.into_body(), LARGEST_ANSWER).collect().await;
    let body = body.map_err(anyhow::Error::from_boxed)?.to_bytes();
    Ok((status, String::from_utf8_lossy(&body).into_owned()))
}
