use std::sync::Arc;

use async_nats::{HeaderMap, Message as Wire, StatusCode, jetstream};
use l0_stage::time::OffsetDateTime;
use l0_stage::{Bytes, Delivery, Message, Origin};

use crate::connect::Link;
use crate::receipt::AckReceipt;

/// A message of the stream with its receipt; `None` for what JetStream did not deliver.
pub(crate) fn delivery(
    link: &Arc<Link>,
    stream: &Arc<str>,
    stream_created: OffsetDateTime,
    wire: Wire,
) -> Option<Delivery> {
    let reply = wire.reply.clone()?;
    let wire = jetstream::Message { message: wire, context: link.jetstream.clone() };
    let info = wire.info().ok()?;
    let origin = Origin {
        stream: Arc::clone(stream),
        stream_created,
        sequence: info.stream_sequence,
        published: info.published,
        attempt: u64::try_from(info.delivered).unwrap_or(1).max(1),
    };
    let wire = wire.message;
    let message = Message {
        origin,
        subject: wire.subject.to_string(),
        headers: headers(wire.headers.as_ref(), wire.status, wire.description.as_deref()),
        payload: wire.payload,
    };
    Some(Delivery { message, receipt: Box::new(AckReceipt::new(Arc::clone(link), reply)) })
}

/// The block as it travels: the version line, which may carry a status, and `Name: value` lines.
///
/// Sorted by name, because the client keeps no order and the same message must give the same bytes.
fn headers(
    map: Option<&HeaderMap>,
    status: Option<StatusCode>,
    description: Option<&str>,
) -> Bytes {
    let mut lines: Vec<_> = map.into_iter().flat_map(HeaderMap::iter).collect();
    if lines.is_empty() && status.is_none() {
        return Bytes::new();
    }
    let mut block = String::from("NATS/1.0");
    let status = status.map(|status| status.as_u16().to_string());
    for part in status.as_deref().into_iter().chain(description) {
        block.push(' ');
        block.push_str(part);
    }
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
        assert_eq!(headers(None, None, None), "");
        assert_eq!(headers(Some(&HeaderMap::new()), None, None), "");

        let mut map = HeaderMap::new();
        map.append("b", "1");
        map.append("A", "x: y");
        map.append("b", "2");
        assert_eq!(headers(Some(&map), None, None), "NATS/1.0\r\nA: x: y\r\nb: 1\r\nb: 2\r\n\r\n");
    }

    #[test]
    fn a_status_that_a_publisher_forged_is_kept() {
        let forged =
            headers(Some(&HeaderMap::new()), Some(StatusCode::NOT_FOUND), Some("No Messages"));
        assert_eq!(forged, "NATS/1.0 404 No Messages\r\n\r\n");
    }
}
