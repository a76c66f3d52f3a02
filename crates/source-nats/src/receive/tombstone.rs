//! Messages of a key-value bucket that mark a key as deleted or purged.

use async_nats::Message as Wire;
use l0_stage::{Reason, Rejection};

/// The header with the operation (for example a delete) that a client wrote instead of a value.
const OPERATION: &str = "KV-Operation";
/// The header that says why the server itself removed a value.
const MARKER: &str = "Nats-Marker-Reason";

/// Rejects a message that marks a key as deleted, because it is not a document. `None` for every
/// other message.
pub(super) fn rejection(wire: &Wire) -> Option<Rejection> {
    let headers = wire.headers.as_ref().filter(|_| wire.payload.is_empty())?;
    let value = |name| headers.get(name).map(|value| value.as_str());
    let what = match (value(OPERATION), value(MARKER)) {
        (Some("DEL"), _) => "a KV delete of its key".to_owned(),
        (Some("PURGE"), _) => "a KV purge: a delete of its key with all older values".to_owned(),
        (_, Some(cause)) => format!("a KV delete of its key by the server ({cause})"),
        _ => return None,
    };
    let detail = format!("{what}: the message has no document, and rows stored for the key stay");
    Some(Rejection::new(Reason::InvalidJson, detail))
}
