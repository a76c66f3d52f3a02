use std::time::Duration;

use async_nats::jetstream::consumer::pull::BatchConfig;
use async_nats::{Message, StatusCode, Subscriber};
use futures_util::StreamExt;
use l0_stage::anyhow::anyhow;
use l0_stage::{Error, Why, serde_json};
use tokio::time::timeout;

use crate::connect::Link;
use crate::{NatsConfig, failure};

/// How long the server keeps a pull open when it has nothing to give.
const EXPIRES: Duration = Duration::from_secs(1);

/// Silence after which an open pull is given up; the server ends each within [`EXPIRES`].
const PATIENCE: Duration = Duration::from_secs(4);

/// One pull: at most `max` messages, none if none came while it was open.
///
/// `no_wait` with an expiry is what gives both full batches and low latency: the server hands over
/// what is there and ends the pull; on an empty stream it waits, and ends with the first message.
/// Not to be dropped while it is open: messages on their way would come only after the ack wait.
pub(crate) async fn pull(
    link: &Link,
    config: &NatsConfig,
    max: usize,
) -> Result<Vec<Message>, Error> {
    let mut answers = match timeout(PATIENCE, request(link, config, max)).await {
        Ok(answers) => answers?,
        Err(_) => return Err(link.silence(doing(config))),
    };
    let mut batch = Vec::new();
    while batch.len() < max {
        let end = match timeout(PATIENCE, answers.next()).await {
            // Only a message has a subject for its ack, whatever status its headers claim.
            Ok(Some(message)) if message.reply.is_some() => {
                batch.push(message);
                continue;
            }
            Ok(Some(status)) => end(&status, config),
            Ok(None) => Err(failure::disconnected(&link.address)),
            Err(_) => Err(link.silence(doing(config))),
        };
        // What came is handed over; the failure shows again at the next pull.
        return if batch.is_empty() { end.map(|()| batch) } else { Ok(batch) };
    }
    Ok(batch)
}

async fn request(link: &Link, config: &NatsConfig, max: usize) -> Result<Subscriber, Error> {
    let request = BatchConfig {
        batch: max,
        expires: Some(EXPIRES),
        no_wait: true,
        max_bytes: config.max_batch_bytes,
        ..BatchConfig::default()
    };
    let request = serde_json::to_vec(&request).map_err(Error::permanent)?;
    let subject = format!("$JS.API.CONSUMER.MSG.NEXT.{}.{}", config.stream, config.durable);
    let inbox = link.client.new_inbox();
    let unsent = |error| failure::unsent(error, doing(config));
    let answers = link.client.subscribe(inbox.clone()).await;
    let answers = answers.map_err(|error| unsent(error.to_string()))?;
    let sent = link.client.publish_with_reply(subject, inbox, request.into()).await;
    sent.map_err(|error| unsent(error.to_string()))?;
    Ok(answers)
}

/// What the end of a pull without messages means. Statuses: ADR-13 and ADR-37 of NATS.
fn end(status: &Message, config: &NatsConfig) -> Result<(), Error> {
    let text = status.description.as_deref().unwrap_or_default();
    let why = match status.status {
        Some(StatusCode::NOT_FOUND | StatusCode::TIMEOUT) => return Ok(()),
        Some(StatusCode::NO_RESPONDERS) => Why::Unreachable,
        Some(code) if code.as_u16() == 409 => match text {
            "Batch Completed" | "Exceeded MaxAckPending" => return Ok(()),
            "Message Size Exceeds MaxBytes" => return Err(too_large(config)),
            "Exceeded MaxWaiting" => Why::Contended,
            "Leadership Change" | "Server Shutdown" => Why::Unreachable,
            _ => Why::Mismatch,
        },
        _ => Why::Unclassified,
    };
    let cause = match text {
        "" => anyhow!("stream or durable is gone, or jetstream is not ready"),
        text => anyhow!("{}", text.to_lowercase()),
    };
    Err(Error::retryable(why, cause.context(doing(config))))
}

fn too_large(config: &NatsConfig) -> Error {
    let NatsConfig { max_batch_bytes, .. } = config;
    let place = config.place();
    failure::mismatch(format!("{place} has a message above max_batch_bytes ({max_batch_bytes})"))
}

fn doing(config: &NatsConfig) -> String {
    format!("cannot receive from {}", config.place())
}
