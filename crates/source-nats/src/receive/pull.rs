//! One pull, from its request to its end.

use std::time::Duration;

use async_nats::{Message, StatusCode};
use l0_stage::{Error, Why};

use super::inbox::{Answer, Inbox, PATIENCE, doing};
use crate::jetstream::api::Api;
use crate::jetstream::limits::{EXPIRES, Limits};
use crate::link::{Epoch, Link};
use crate::{NatsConfig, failure};

/// Longest silence after the server has ended a pull while some of its messages are still on their
/// way.
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

/// Receives at most `max` messages, or none if none came while the pull was open. They may include
/// messages of earlier pulls.
pub(crate) async fn pull(
    inbox: &mut Inbox,
    link: &Link,
    config: &NatsConfig,
    limits: Limits,
    max: usize,
) -> Pull {
    let max = max.min(limits.batch);
    let mut pull = Pull { messages: Vec::new(), epoch: inbox.epoch, is_broken: false, end: Ok(()) };
    if let Err(error) = inbox.ask(link, config, limits, max).await {
        return Pull { end: Err(error), ..pull };
    }
    let mut was_asked = false;
    while pull.messages.len() < max && inbox.due() > 0 {
        let patience = match (inbox.is_ended(), was_asked) {
            (true, _) => LATE,
            (false, true) => EXPIRES + LATE,
            (false, false) => PATIENCE,
        };
        match inbox.next(patience).await {
            Answer::Message(message) => pull.messages.push(message),
            Answer::Status(status) => {
                if inbox.end(&status) && pull.end.is_ok() {
                    pull.end = ended(&status, config, limits, pull.messages.is_empty());
                }
            }
            Answer::Lost => {
                pull.is_broken = true;
                pull.end = Err(failure::disconnected(&link.address));
                return pull;
            }
            Answer::Denied(denial) => {
                inbox.forget();
                pull.end = Err(failure::told(Why::Denied, &doing(config), denial));
            }
            Answer::Silence if inbox.is_ended() => inbox.forget(),
            Answer::Silence if was_asked => {
                inbox.forget();
                pull.end = Err(link.silence(doing(config)));
            }
            Answer::Silence => {
                // The library first returns everything that arrived before the answer to this
                // request.
                if let Err(error) = Api::new(link, config).consumer().await {
                    pull.end = Err(error);
                    break;
                }
                was_asked = true;
            }
        }
    }
    pull.epoch = inbox.connection.epoch();
    pull
}

/// What the end of a pull means. The statuses are in ADR-13 and ADR-37 of NATS.
fn ended(
    status: &Message,
    config: &NatsConfig,
    limits: Limits,
    is_empty: bool,
) -> Result<(), Error> {
    let text = status.description.as_deref().unwrap_or_default();
    let why = match status.status {
        Some(StatusCode::NOT_FOUND | StatusCode::TIMEOUT) => return Ok(()),
        Some(StatusCode::NO_RESPONDERS) => Why::Unreachable,
        Some(code) if code.as_u16() == 409 => match text {
            "Batch Completed" | "Exceeded MaxAckPending" => return Ok(()),
            "Message Size Exceeds MaxBytes" if is_empty => return Err(too_large(config, limits)),
            "Message Size Exceeds MaxBytes" => return Ok(()),
            "Exceeded MaxWaiting" => Why::Contended,
            "Leadership Change" | "Server Shutdown" => Why::Unreachable,
            _ => Why::Mismatch,
        },
        _ => Why::Unclassified,
    };
    let cause = match text {
        "" => "stream or durable is gone, or jetstream is not ready".to_owned(),
        text => text.to_lowercase(),
    };
    Err(failure::told(why, &doing(config), cause))
}

fn too_large(config: &NatsConfig, limits: Limits) -> Error {
    let (place, bytes) = (config.place(), limits.bytes);
    let whose =
        if bytes < config.max_batch_bytes { "the durable's max_bytes" } else { "max_batch_bytes" };
    failure::mismatch(format!(
        "{place} has a message that is larger than {whose} allows ({bytes} bytes)"
    ))
}
