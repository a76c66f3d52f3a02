//! The log line about a stored batch.

use l0_stage::{Record, Verdict};
use tracing::info;

use crate::work::checked::stored;

/// The most documents of a batch that the log names one by one.
const NAMED: usize = 10;

/// Logs one line per batch. Up to ten documents are logged by id and key, more by their number and
/// their first and last id. Returns whether a line was written. A batch that stored nothing has no
/// line.
pub(super) fn log(records: &[Record], verdicts: &[Option<Verdict>]) -> bool {
    let ids = || stored(records, verdicts).map(|(_, id)| id);
    let (Some(first), Some(last)) = (ids().min(), ids().max()) else { return false };
    let count = ids().count();
    if count > NAMED {
        info!(documents = count, first, last, "stored");
        return true;
    }
    let named = stored(records, verdicts).map(|(record, id)| (id, &record.encoded.key));
    let mut named: Vec<_> = named.collect();
    named.sort_unstable();
    let named: Vec<_> = named.iter().map(|(id, key)| format!("{id} {key:?}")).collect();
    info!(documents = count, "stored {}", named.join(", "));
    true
}
