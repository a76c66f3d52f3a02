use std::sync::Arc;

use l0_stage::anyhow::anyhow;
use l0_stage::{
    DeadLetter, Delivery, Error, Message, Outcome, Readiness, Receipt, Record, Rejection, Source,
    Stop, Validator, Verdict,
};
use tracing::{debug, info, warn};

use crate::Settings;
use crate::failpoint::failpoint;
use crate::hold::Hold;
use crate::ledger::{Fate, Ledger};
use crate::letters::LetterLog;
use crate::store::{Decided, Store};
use crate::trouble::Trouble;
use crate::wellformed;

/// A message delivered more often than this is written alone: one that kills the process must not
/// take others with it again.
const SUSPICIOUS: u64 = 3;

/// Most documents of a batch that the log names one by one.
const NAMED: usize = 10;

/// One of the pipeline's N identical loops.
pub(crate) struct Worker {
    pub source: Arc<dyn Source>,
    pub validator: Option<Arc<dyn Validator>>,
    pub store: Store,
    pub settings: Settings,
    pub readiness: Readiness,
    pub ledger: Ledger,
    pub letters: LetterLog,
}

/// A message, and the source's own verdict against it, if any.
type Received = (Message, Option<Rejection>);

/// A batch on its way through the stages, index by index.
#[derive(Default)]
struct Checked {
    records: Vec<Record>,
    /// Where each record stands in the batch.
    places: Vec<usize>,
    letters: Vec<DeadLetter>,
    verdicts: Vec<Option<Verdict>>,
}

impl Worker {
    /// Until the input ends or stops. Nothing is received while a batch is unsettled: that is the
    /// back-pressure, and it bounds memory (invariant 5).
    ///
    /// # Errors
    /// [`Error::Permanent`] alone; what was in hand stays unsettled.
    pub async fn work(mut self, stop: &Stop) -> Result<(), Error> {
        while let Some(deliveries) = self.receive(stop).await? {
            failpoint("after-pull");
            let mut hand = self.ledger.take(deliveries.len());
            let mut hold = Hold::new(self.source.extend_every());
            let mut waiting = groups(deliveries);
            while let Some(group) = waiting.pop() {
                let fates = self.process(group, &waiting, &mut hold).await?;
                hand.settle(&fates);
            }
        }
        Ok(())
    }

    async fn receive(&mut self, stop: &Stop) -> Result<Option<Vec<Delivery>>, Error> {
        let mut trouble = Trouble::new(&self.readiness, "source");
        loop {
            match self.source.receive(self.settings.max_batch.get(), stop).await {
                Err(Error::Retryable { .. }) if stop.is_requested() => return Ok(None),
                Err(error @ Error::Retryable { .. }) => tokio::select! {
                    () = trouble.wait(&error) => {}
                    () = stop.requested() => {}
                },
                Err(error) => return Err(error),
                Ok(deliveries) => {
                    trouble.heal();
                    return Ok(deliveries);
                }
            }
        }
    }

    /// One batch from check to acknowledgement, while the receipts of `waiting` are kept alive too.
    async fn process(
        &mut self,
        group: Vec<Delivery>,
        waiting: &[Vec<Delivery>],
        hold: &mut Hold,
    ) -> Result<Vec<Fate>, Error> {
        let (messages, receipts): (Vec<_>, Vec<_>) =
            group.into_iter().map(|it| ((it.message, it.refused), it.receipt)).unzip();
        let others: Vec<&dyn Receipt> =
            waiting.iter().flatten().map(|delivery| &*delivery.receipt).collect();
        let own = receipts.iter().map(|receipt| &**receipt);
        let all: Vec<&dyn Receipt> = own.chain(others.iter().copied()).collect();
        let verdicts = hold.during(&all, self.commit(messages)).await?;
        failpoint("after-commit");
        Ok(hold.during(&others, settle(receipts, verdicts)).await)
    }

    /// Returns a verdict per message once all of them are committed (invariants 1 and 2).
    async fn commit(&mut self, messages: Vec<Received>) -> Result<Vec<Verdict>, Error> {
        let mut checked = self.check(messages);
        let decided = self.store.write(&checked.records).await?;
        log_stored(&checked.records, &decided);
        let decided = checked.records.into_iter().zip(checked.places).zip(decided);
        for ((record, place), decided) in decided {
            let verdict = verdict(decided);
            debug!(sequence = record.message.origin.sequence, ?verdict, "decided");
            if let Verdict::Rejected(rejection) = &verdict {
                let (message, rejection) = (record.message, rejection.clone());
                checked.letters.push(DeadLetter { message, rejection });
            }
            checked.verdicts[place] = Some(verdict);
        }
        self.store.bury(&checked.letters).await?;
        checked.letters.iter().for_each(|letter| self.letters.buried(letter));
        let verdicts: Option<Vec<_>> = checked.verdicts.into_iter().collect();
        verdicts.ok_or_else(|| Error::permanent(anyhow!("a message was left without a verdict")))
    }

    fn check(&self, messages: Vec<Received>) -> Checked {
        let mut checked = Checked::default();
        for (place, message) in messages.into_iter().enumerate() {
            match self.check_one(message) {
                Ok(record) => {
                    checked.records.push(record);
                    checked.places.push(place);
                    checked.verdicts.push(None);
                }
                Err(letter) => {
                    checked.verdicts.push(Some(Verdict::Rejected(letter.rejection.clone())));
                    checked.letters.push(*letter);
                }
            }
        }
        checked
    }

    fn check_one(&self, (message, refused): Received) -> Result<Record, Box<DeadLetter>> {
        if let Some(rejection) = refused {
            return Err(Box::new(DeadLetter { message, rejection }));
        }
        let document = wellformed::parse(message, self.settings.max_document_bytes.get())?;
        let validity = self.validator.as_ref().map_or(Ok(()), |it| it.validate(&document));
        match validity {
            Ok(()) => self.store.encode(document),
            Err(rejection) => Err(Box::new(DeadLetter { message: document.message, rejection })),
        }
    }
}

/// One line per batch: a few documents by id and key, many by their number and bounds.
fn log_stored(records: &[Record], decided: &[Decided]) {
    let stored = || {
        records.iter().zip(decided).filter_map(|(record, decided)| match decided {
            Ok(Outcome::Stored(id)) => Some((*id, &record.encoded.key)),
            _ => None,
        })
    };
    let ids = || stored().map(|(id, _)| id);
    let (Some(first), Some(last)) = (ids().min(), ids().max()) else { return };
    let count = ids().count();
    if count > NAMED {
        info!(documents = count, first, last, "stored");
        return;
    }
    let mut named: Vec<_> = stored().collect();
    named.sort_unstable();
    let named: Vec<_> = named.iter().map(|(id, key)| format!("{id} {key:?}")).collect();
    info!(documents = count, "stored {}", named.join(", "));
}

/// The batch first, then each suspicious message on its own; the last group is processed first.
/// The suspicious ones come in no order: one that kills the process must not stand before the same
/// others every time.
fn groups(deliveries: Vec<Delivery>) -> Vec<Vec<Delivery>> {
    let (suspicious, batch): (Vec<_>, Vec<_>) =
        deliveries.into_iter().partition(|delivery| delivery.message.origin.attempt > SUSPICIOUS);
    let mut groups: Vec<_> = suspicious.into_iter().map(|delivery| vec![delivery]).collect();
    fastrand::shuffle(&mut groups);
    if !batch.is_empty() {
        groups.push(batch);
    }
    groups
}

fn verdict(decided: Decided) -> Verdict {
    match decided {
        Ok(Outcome::Stored(id)) => Verdict::Stored { id },
        Ok(Outcome::Duplicate(id)) => Verdict::Duplicate { id },
        Ok(Outcome::Conflict(id)) => Verdict::Rejected(Rejection::conflict(id)),
        Err(rejection) => Verdict::Rejected(rejection),
    }
}

/// Tells the source. A receipt that fails is only delivered again: what it stands for is committed.
async fn settle(receipts: Vec<Box<dyn Receipt>>, verdicts: Vec<Verdict>) -> Vec<Fate> {
    let mut fates = Vec::with_capacity(receipts.len());
    let mut failed = 0;
    for (receipt, verdict) in receipts.into_iter().zip(verdicts) {
        failpoint("between-acks");
        fates.push(match verdict {
            Verdict::Stored { .. } => Fate::Stored,
            Verdict::Duplicate { .. } => Fate::Duplicate,
            Verdict::Rejected(_) | Verdict::Retry(_) => Fate::Buried,
        });
        if let Err(error) = receipt.settle(verdict).await {
            debug!(%error, "acknowledgement failed");
            failed += 1;
        }
    }
    if failed > 0 {
        warn!(messages = failed, "acknowledgements failed: these messages will be delivered again");
    }
    fates
}
