use l0_stage::{Receipt, Source, Verdict};
use tracing::{debug, warn};

use crate::failpoint::failpoint;

/// Settles receipts. If a receipt fails, its message is delivered again. This is harmless, because
/// the outcome of the message is already committed.
pub(crate) async fn settle(
    source: &dyn Source,
    decided: Vec<(Box<dyn Receipt>, Verdict)>,
) -> Vec<Verdict> {
    let verdicts: Vec<_> = decided.iter().map(|(_, verdict)| verdict.clone()).collect();
    if verdicts.is_empty() {
        return verdicts;
    }
    let failed = match source.before_settling().await {
        Ok(()) => settle_each(decided).await,
        Err(error) => {
            debug!(%error, "none of the messages was acknowledged");
            decided.len()
        }
    };
    if failed > 0 {
        warn!(messages = failed, "acknowledgements failed: these messages will be delivered again");
    }
    verdicts
}

/// Settles the receipts one by one. Returns how many of them failed.
async fn settle_each(decided: Vec<(Box<dyn Receipt>, Verdict)>) -> usize {
    let mut failed = 0;
    for (receipt, verdict) in decided {
        failpoint("between-acks");
        if let Err(error) = receipt.settle(verdict).await {
            debug!(%error, "acknowledgement failed");
            failed += 1;
        }
    }
    failed
}
