use std::sync::Arc;

use async_nats::{HeaderMap, Message as Wire, jetstream};
use l0_stage::time::OffsetDateTime;
use l0_stage::{Bytes, Delivery, Error, Message, Origin};

use super::acks::{Acks, To};
use super::receipt::AckReceipt;
use super::tombstone;
use crate::jetstream::api::Api;
use crate::jetstream::incarnation::Incarnation;
use crate::jetstream::stored::Stored;
use crate::link::Connection;

/// Makes a delivery of a message of the stream and its receipt. `None` for a message that did not
/// come from JetStream, for example one that a client published to the inbox.
pub(crate) fn delivery(
    acks: &Arc<Acks>,
    connection: &Connection,
    stream: &Arc<str>,
    stream_created: OffsetDateTime,
    incarnation: Incarnation,
    wire: Wire,
) -> Option<Delivery> {
    let reply = wire.reply.clone()?;
    let context = connection.jetstream.clone();
    let wire = jetstream::Message { message: wire, context };
    let info = wire.info().ok()?;
    let origin = Origin {
        stream: Arc::clone(stream),
        stream_created: Some(stream_created),
        sequence: info.stream_sequence,
        published: info.published,
        attempt: u64::try_from(info.delivered).unwrap_or(1).max(1),
    };
    let wire = wire.message;
    let tombstone = tombstone::rejection(&wire);
    let message = Message {
        origin,
        subject: wire.subject.to_string(),
        headers: headers(wire.headers.as_ref()),
        payload: wire.payload,
    };
    let sequence = message.origin.sequence;
    acks.returns.takes(sequence);
    let to = To { reply, incarnation };
    let receipt = AckReceipt { acks: Arc::clone(acks), to, sequence };
    Some(match tombstone {
        Some(rejection) => Delivery::refused(message, Box::new(receipt), rejection),
        None => Delivery::new(message, Box::new(receipt)),
    })
}

/// The delivery of a message whose headers claim a status. The client keeps only a part of such
/// headers, so they are read again from the stream. `None` if the message no longer exists.
pub(crate) async fn forged(api: &Api<'_>, taken: Delivery) -> Result<Option<Delivery>, Error> {
    let Delivery { message: Message { origin, .. }, receipt, .. } = taken;
    let Some(stored) = Stored::at(api, origin.sequence).await? else { return Ok(None) };
    let rejection = stored.rejection(api).await?;
    let exact = stored.into_message(&origin.stream, origin.stream_created);
    let message = Message { origin, ..exact };
    Ok(Some(match rejection {
        Some(rejection) => Delivery::refused(message, receipt, rejection),
        None => Delivery::new(message, receipt),
    }))
}

/// The header block as it is sent: the version line, and `Name: value` lines.
///
/// It is sorted by name, because the client keeps no order, and the same message must give the same
/// bytes.
fn headers(map: Option<&HeaderMap>) -> Bytes {
    let mut lines: Vec<_> = map.into_iter().flat_map(HeaderMap::iter).collect();
    if lines.is_empty() {
        return Bytes::new();
    }
    let mut block = String::from("NATS/1.0");
    lines.sort_by_key(|(name, _)| name.to_string());
    for (name, values) in lines {
        for value in values {
            block.push_str(&format!("\r\n{name}: {value}"));
        }
    }
    block.push_str("\r\n\r\n");
    Bytes::from(block)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_the_block_they_travelled_in_sorted_by_name() {
        assert_eq!(headers(None), "");
        assert_eq!(headers(Some(&HeaderMap::new())), "");

        let mut map = HeaderMap::new();
        map.append("b", "1");
        map.append("A", "x: y");
        map.append("b", "2");
        assert_eq!(headers(Some(&map)), "NATS/1.0\r\nA: x: y\r\nb: 1\r\nb: 2\r\n\r\n");
    }
}
