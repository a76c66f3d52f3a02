//! The loop of one worker: receive, check, write, bury, settle.

use std::sync::Arc;
use std::time::Instant;

use l0_stage::anyhow::anyhow;
use l0_stage::observe::{Readiness, WorkerState};
use l0_stage::{
    DeadLetter, Delivery, Document, Error, Message, Reason, Receipt, Record, Rejection, Source,
    Stop, Verdict,
};
use tracing::debug;

use super::checked::{Checked, Decided, stored};
use super::hold::Hold;
use super::ledger::Ledger;
use super::refused::Refused;
use super::settle::settle;
use super::store::Store;
use super::trouble::Trouble;
use super::way::Way;
use crate::failpoint::failpoint;
use crate::log::Log;
use crate::meter::{Meter, Slot};
use crate::{LogStored, Settings};

/// A message that was delivered more often than this is written alone. If such a message kills the
/// process, it must not interrupt the work on other messages again.
const SUSPICIOUS: u64 = 3;

/// A message, and the rejection if the source itself rejected it.
type Received = (Message, Option<Rejection>);

/// One of the pipeline's identical workers, with everything that its loop needs.
pub(crate) struct Worker {
    pub source: Arc<dyn Source>,
    pub way: Way,
    pub store: Store,
    pub refused: Refused,
    pub settings: Settings,
    pub readiness: Readiness,
    pub ledger: Ledger,
    pub log: Log,
    pub meter: Meter,
    pub slot: Slot,
    /// The report about a stage that seems to panic at every document that it checks.
    pub broken: Option<Trouble>,
}

impl Worker {
    /// Works until the input ends or `stop` is requested. The worker receives nothing while its
    /// batch is unsettled. This is the back-pressure, and it bounds memory (invariant 5).
    ///
    /// # Errors
    /// Only [`Error::Permanent`]. The messages of the present batch then stay unsettled.
    pub async fn work(mut self, stop: &Stop) -> Result<(), Error> {
        while let Some(deliveries) = self.receive(stop).await? {
            failpoint("after-pull");
            let mut hand = self.ledger.take(deliveries.len());
            self.slot.holds(deliveries.len());
            self.meter.redelivered(redelivered(&deliveries));
            let mut hold = Hold::new(self.source.extend_every());
            let mut paused = Trouble::new(&self.readiness, "sink");
            let mut waiting = self.groups(deliveries);
            let mut kept = Vec::new();
            while let Some(group) = waiting.pop() {
                let (began, is_known) = (Instant::now(), group.is_known);
                let others: Vec<_> = waiting.iter().chain(&kept).collect();
                let (verdicts, left) = self.process(group.deliveries, &others, &mut hold).await?;
                hand.settle(&verdicts);
                if is_known {
                    self.refused.spent(began.elapsed());
                }
                kept.extend(left.into_iter().map(Group::of_one));
                if waiting.is_empty() && !kept.is_empty() {
                    let receipts = receipts(&kept);
                    self.slot.enters(WorkerState::Retry);
                    hold.during(&receipts, paused.wait(&self.refused.too_many())).await;
                    waiting = std::mem::take(&mut kept);
                }
            }
            paused.heal();
            self.slot.holds(0);
        }
        Ok(())
    }

    async fn receive(&mut self, stop: &Stop) -> Result<Option<Vec<Delivery>>, Error> {
        let mut trouble = Trouble::new(&self.readiness, "source");
        self.slot.enters(WorkerState::Wait);
        loop {
            match next(&*self.source, self.settings.max_batch.get(), stop, &mut trouble).await {
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

    /// Processes one group of deliveries from check to ack, and meanwhile extends the receipts of
    /// `others` too. Returns the verdicts that were settled, and the deliveries that are undecided.
    async fn process(
        &mut self,
        group: Vec<Delivery>,
        others: &[&Group],
        hold: &mut Hold,
    ) -> Result<(Vec<Verdict>, Vec<Delivery>), Error> {
        let (messages, own): (Vec<_>, Vec<_>) =
            group.into_iter().map(|it| ((it.message, it.refused), it.receipt)).unzip();
        let others: Vec<&dyn Receipt> =
            others.iter().flat_map(|it| &it.deliveries).map(|it| &*it.receipt).collect();
        let all = own.iter().map(|receipt| &**receipt).chain(others.iter().copied());
        let all: Vec<&dyn Receipt> = all.collect();
        let decided = hold.during(&all, self.commit(messages)).await?;
        failpoint("after-commit");
        self.slot.enters(WorkerState::Settle);
        let (mut settled, mut left) = (Vec::with_capacity(own.len()), Vec::new());
        for (receipt, decided) in own.into_iter().zip(decided) {
            match decided {
                Decided::As(verdict) => settled.push((receipt, verdict)),
                Decided::Not(message) => left.push(Delivery::new(*message, receipt)),
            }
        }
        Ok((hold.during(&others, settle(&*self.source, settled)).await, left))
    }

    /// Checks and writes messages, and commits the dead letters. Returns one decision per message,
    /// after all verdicts are committed (invariants 1 and 2).
    async fn commit(&mut self, messages: Vec<Received>) -> Result<Vec<Decided>, Error> {
        let mut checked = self.check(messages);
        self.refresh(&mut checked).await?;
        self.rest_after(&checked).await;
        self.slot.enters(WorkerState::Write);
        let verdicts = self.store.write(&checked.records).await?;
        self.meter.stored(stored(&checked.records, &verdicts).map(|(record, _)| record));
        if self.settings.log_stored == LogStored::Batches {
            self.log.stored(&checked.records, &verdicts);
        }
        let written = checked.records.into_iter().zip(checked.places).zip(verdicts);
        for ((record, place), verdict) in written {
            let Record { message, encoded } = record;
            debug!(sequence = message.origin.sequence, ?verdict, "decided");
            let Some(verdict) = verdict else {
                checked.decided[place] = Some(Decided::Not(Box::new(message)));
                continue;
            };
            if !matches!(verdict, Verdict::Returned(_)) {
                self.refused.forget(&message.origin);
            }
            if let Verdict::Buried(rejection) = &verdict {
                let (document_key, rejection) = (Some(encoded.key), rejection.clone());
                checked.letters.push(DeadLetter { message, document_key, rejection });
            }
            checked.decided[place] = Some(Decided::As(verdict));
        }
        self.slot.enters(WorkerState::Bury);
        self.store.bury(&checked.letters).await?;
        self.meter.buried(&checked.letters);
        for letter in &checked.letters {
            self.refused.forget(&letter.message.origin);
            self.log.buried(letter);
        }
        let decided: Option<Vec<_>> = checked.decided.into_iter().collect();
        decided.ok_or_else(|| Error::permanent(anyhow!("a message was left without a verdict")))
    }

    fn check(&self, messages: Vec<Received>) -> Checked {
        self.slot.enters(WorkerState::Check);
        let (began, total) = (Instant::now(), messages.len());
        let mut checked = Checked::of(total);
        for (place, received) in messages.into_iter().enumerate() {
            match self.document(received) {
                Ok(document) => self.encode(place, document, &mut checked),
                Err(letter) => self.refuse(place, letter, "validate", &mut checked),
            }
        }
        let rejected = checked.letters.len() + checked.unfit.len();
        self.meter.checked(total, rejected, began.elapsed());
        checked
    }

    fn document(&self, (message, refused): Received) -> Result<Document, Box<DeadLetter>> {
        match refused {
            Some(rejection) => Err(Box::new(DeadLetter { message, document_key: None, rejection })),
            None => self.way.document(message, |document| self.store.key(document)),
        }
    }

    fn encode(&self, place: usize, document: Document, checked: &mut Checked) {
        match self.store.encode(document) {
            Ok(record) => checked.add(place, record),
            Err(letter) if letter.rejection.reason == Reason::StagePanicked => {
                self.refuse(place, letter, "sink", checked);
            }
            Err(letter) => checked.unfit.push((place, letter)),
        }
    }

    /// Checks whether the tables have changed before documents are buried because they do not fit.
    /// If the tables have changed, these documents are encoded again.
    async fn refresh(&mut self, checked: &mut Checked) -> Result<(), Error> {
        let unfit = std::mem::take(&mut checked.unfit);
        let is_changed = !unfit.is_empty() && self.store.refresh().await?;
        for (place, letter) in unfit {
            match is_changed {
                true => match self.document((letter.message, None)) {
                    Ok(document) => self.encode(place, document, checked),
                    Err(letter) => self.refuse(place, letter, "validate", checked),
                },
                false => checked.bury(place, *letter),
            }
        }
        for (place, letter) in std::mem::take(&mut checked.unfit) {
            checked.bury(place, *letter);
        }
        Ok(())
    }

    /// Splits a batch into groups that are written one after the other. The caller takes groups from
    /// the end, so the ordinary messages come first, as one group. Then each message that was given
    /// back before, or was delivered suspiciously often, comes as a group of its own. The order of
    /// these is random, so that a message that kills the process does not block the same messages
    /// every time.
    fn groups(&self, deliveries: Vec<Delivery>) -> Vec<Group> {
        let (mut batch, mut groups) = (Vec::with_capacity(deliveries.len()), Vec::new());
        for delivery in deliveries {
            let origin = &delivery.message.origin;
            let returns = self.refused.take(origin);
            match (returns > 0, origin.attempt.saturating_sub(returns.into()) > SUSPICIOUS) {
                (false, false) => batch.push(delivery),
                (is_known, _) => groups.push(Group { deliveries: vec![delivery], is_known }),
            }
        }
        fastrand::shuffle(&mut groups);
        if !batch.is_empty() {
            groups.push(Group { deliveries: batch, is_known: false });
        }
        groups
    }
}

/// Receives the next batch. If the source was reported as failed, the report ends as soon as its
/// service answers, even if no message comes for a long time.
async fn next(
    source: &dyn Source,
    max: usize,
    stop: &Stop,
    trouble: &mut Trouble,
) -> Result<Option<Vec<Delivery>>, Error> {
    let receiving = source.receive(max, stop);
    tokio::pin!(receiving);
    tokio::select! {
        biased;
        received = &mut receiving => return received,
        () = source.answered(), if trouble.is_reported() => trouble.heal(),
    }
    receiving.await
}

/// Deliveries that are checked and written together.
struct Group {
    deliveries: Vec<Delivery>,
    /// Whether the group is a message that this instance has given back before.
    is_known: bool,
}

impl Group {
    fn of_one(delivery: Delivery) -> Self {
        Self { deliveries: vec![delivery], is_known: true }
    }
}

fn receipts(groups: &[Group]) -> Vec<&dyn Receipt> {
    groups.iter().flat_map(|it| &it.deliveries).map(|it| &*it.receipt).collect()
}

fn redelivered(deliveries: &[Delivery]) -> u64 {
    deliveries.iter().filter(|delivery| delivery.message.origin.attempt > 1).count() as u64
}
