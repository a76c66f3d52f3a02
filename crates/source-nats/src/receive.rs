use std::time::Duration;

use async_nats::jetstream::consumer::pull::BatchConfig;
use async_nats::{Message, StatusCode, Subscriber};
use futures_util::StreamExt;
use l0_stage::anyhow::anyhow;
use l0_stage::{Error, Why, serde_json};
use tokio::time::timeout;

use crate::link::{Connection, Epoch, Link};
use crate::{NatsConfig, failure};

/// How long the server keeps a pull open when it has nothing to give.
const EXPIRES: Duration = Duration::from_secs(1);

/// Silence after which an open pull is given up; the server ends each within [`EXPIRES`].
const PATIENCE: Duration = Duration::from_secs(4);

/// The same after the server has ended a pull and some of its messages are still on their way.
const LATE: Duration = Duration::from_secs(1);

/// What one pull brought, and how it ended.
pub(crate) struct Pull {
    pub messages: Vec<Message>,
    /// The connection that the messages came on.
    pub epoch: Epoch,
    /// Whether that connection was lost while the pull was open.
    pub is_broken: bool,
    pub end: Result<(), Error>,
}

/// One pull: at most `max` messages, none if none came while it was open.
///
/// `no_wait` with an expiry is what gives both full batches and low latency: the server hands over
/// what is there and ends the pull; on an empty stream it waits, and ends with the first message.
/// Not to be dropped while it is open: messages on their way would come only after the ack wait.
pub(crate) async fn pull(link: &Link, config: &NatsConfig, max: usize) -> Pull {
    let connection = link.connection();
    let lost = connection.lost();
    tokio::pin!(lost);
    let epoch = connection.epoch();
    let mut pull = Pull { messages: Vec::new(), epoch, is_broken: false, end: Ok(()) };
    let mut answers = match timeout(PATIENCE, request(&connection, config, max)).await {
        Ok(Ok(answers)) => answers,
        Ok(Err(error)) => return Pull { end: Err(error), ..pull },
        Err(_) => return Pull { end: Err(link.silence(doing(config))), ..pull },
    };
    let (mut due, mut end) = (max, None);
    while pull.messages.len() < due {
        let next = async {
            tokio::select! {
                biased;
                answer = answers.next() => answer,
                // Nothing more is on its way, and unsubscribed now this pull is given nothing more.
                () = &mut lost => None,
            }
        };
        let patience = if end.is_none() { PATIENCE } else { LATE };
        match timeout(patience, next).await {
            // Only a message has a subject for its ack, whatever status its headers claim.
            Ok(Some(message)) if message.reply.is_some() => pull.messages.push(message),
            Ok(Some(status)) => {
                due = given(&status, max);
                end.get_or_insert_with(|| ended(&status, config));
            }
            Ok(None) => {
                pull.is_broken = true;
                end = Some(Err(failure::disconnected(&link.address)));
                break;
            }
            Err(_) => {
                end.get_or_insert_with(|| Err(link.silence(doing(config))));
                break;
            }
        }
    }
    pull.end = end.unwrap_or(Ok(()));
    if !pull.is_broken {
        pull.epoch = connection.epoch();
    }
    pull
}

async fn request(
    connection: &Connection,
    config: &NatsConfig,
    max: usize,
) -> Result<Subscriber, Error> {
    let request = BatchConfig {
        batch: max,
        expires: Some(EXPIRES),
        no_wait: true,
        max_bytes: config.max_batch_bytes,
        ..BatchConfig::default()
    };
    let request = serde_json::to_vec(&request).map_err(Error::permanent)?;
    let subject = format!("$JS.API.CONSUMER.MSG.NEXT.{}.{}", config.stream, config.durable);
    let client = &connection.client;
    let inbox = client.new_inbox();
    let unsent = |error: &dyn std::fmt::Display| failure::unsent(error, doing(config));
    let answers = client.subscribe(inbox.clone()).await.map_err(|error| unsent(&error))?;
    let sent = client.publish_with_reply(subject, inbox, request.into()).await;
    sent.map_err(|error| unsent(&error))?;
    Ok(answers)
}

/// How many messages a pull that has ended was given. The server says how many it was not; some of
/// the others may come after that word: a durable with replicas hands a message over only once most
/// of them know. None is on its way where it says nothing.
fn given(status: &Message, max: usize) -> usize {
    let headers = status.headers.as_ref();
    let pending = headers.and_then(|headers| headers.get("Nats-Pending-Messages"));
    let pending = pending.and_then(|pending| pending.as_str().parse().ok());
    pending.map_or(0, |pending| max.saturating_sub(pending))
}

/// What the end of a pull without messages means. Statuses: ADR-13 and ADR-37 of NATS.
fn ended(status: &Message, config: &NatsConfig) -> Result<(), Error> {
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
