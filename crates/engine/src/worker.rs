use std::sync::Arc;
use std::time::Instant;

use l0_stage::anyhow::anyhow;
use l0_stage::{
    DeadLetter, Delivery, Error, Message, Outcome, Readiness, Receipt, Record, Rejection, Source,
    Stop, Validator, Verdict, WorkerState,
};
use tracing::{debug, info, warn};

use crate::Settings;
use crate::failpoint::failpoint;
use crate::hold::Hold;
use crate::ledger::{Fate, Ledger};
use crate::letters::LetterLog;
use crate::meter::{Meter, Slot};
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
    pub meter: Meter,
    pub slot: Slot,
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
            self.slot.holds(deliveries.len());
            self.meter.redelivered(redelivered(&deliveries));
            let mut hold = Hold::new(self.source.extend_every());
            let mut waiting = groups(deliveries);
            while let Some(group) = waiting.pop() {
                let fates = self.process(group, &waiting, &mut hold).await?;
                hand.settle(&fates);
            }
            self.slot.holds(0);
        }
        Ok(())
    }

    async fn receive(&mut self, stop: &Stop) -> Result<Option<Vec<Delivery>>, Error> {
        let mut trouble = Trouble::new(&self.readiness, "source");
        self.slot.enters(WorkerState::Wait);
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
        self.slot.enters(WorkerState::Settle);
        Ok(hold.during(&others, settle(receipts, verdicts)).await)
    }

    /// Returns a verdict per message once all of them are committed (invariants 1 and 2).
    async fn commit(&mut self, messages: Vec<Received>) -> Result<Vec<Verdict>, Error> {
        let mut checked = self.check(messages);
        self.slot.enters(WorkerState::Write);
        let decided = self.store.write(&checked.records).await?;
        self.meter.stored(stored(&checked.records, &decided).map(|(record, _)| record));
        log_stored(&checked.records, &decided);
        let decided = checked.records.into_iter().zip(checked.places).zip(decided);
        for ((record, place), decided) in decided {
            let verdict = verdict(decided);
            debug!(sequence = record.message.origin.sequence, ?verdict, "decided");
            if let Verdict::Rejected(rejection) = &verdict {
                let (message, rejection) = (record.message, rejection.clone());
                let document_key = Some(record.encoded.key);
                checked.letters.push(DeadLetter { message, document_key, rejection });
            }
            checked.verdicts[place] = Some(verdict);
        }
        self.slot.enters(WorkerState::Bury);
        self.store.bury(&checked.letters).await?;
        checked.letters.iter().for_each(|letter| self.letters.buried(letter));
        let verdicts: Option<Vec<_>> = checked.verdicts.into_iter().collect();
        verdicts.ok_or_else(|| Error::permanent(anyhow!("a message was left without a verdict")))
    }

    fn check(&self, messages: Vec<Received>) -> Checked {
        self.slot.enters(WorkerState::Check);
        let (began, total) = (Instant::now(), messages.len());
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
        self.meter.checked(total, checked.letters.len(), began.elapsed());
        checked
    }

    fn check_one(&self, (message, refused): Received) -> Result<Record, Box<DeadLetter>> {
        if let Some(rejection) = refused {
            return Err(Box::new(DeadLetter { message, document_key: None, rejection }));
        }
        let document = wellformed::parse(message, self.settings.max_document_bytes.get())?;
        let validity = self.validator.as_ref().map_or(Ok(()), |it| it.validate(&document));
        match validity {
            Ok(()) => self.store.encode(document),
            Err(rejection) => {
                let document_key = self.store.key(&document);
                Err(Box::new(DeadLetter { message: document.message, document_key, rejection }))
            }
        }
    }
}

/// What is new in the sink, and its ids.
fn stored<'a>(
    records: &'a [Record],
    decided: &'a [Decided],
) -> impl Iterator<Item = (&'a Record, i64)> {
    records.iter().zip(decided).filter_map(|(record, decided)| match decided {
        Ok(Outcome::Stored(id)) => Some((record, *id)),
        _ => None,
    })
}

fn redelivered(deliveries: &[Delivery]) -> u64 {
    deliveries.iter().filter(|delivery| delivery.message.origin.attempt > 1).count() as u64
}

/// One line per batch: a few documents by id and key, many by their number and bounds.
fn log_stored(records: &[Record], decided: &[Decided]) {
    let ids = || stored(records, decided).map(|(_, id)| id);
    let (Some(first), Some(last)) = (ids().min(), ids().max()) else { return };
    let count = ids().count();
    if count > NAMED {
        info!(documents = count, first, last, "stored");
        return;
    }
    let named = stored(records, decided).map(|(record, id)| (id, &record.encoded.key));
    let mut named: Vec<_> = named.collect();
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
