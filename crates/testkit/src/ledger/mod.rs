//! Compares what a producer published and its broker confirmed with what a database holds.

mod content;
mod judge;

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;

pub use content::Content;
pub use judge::{Books, Letter};

/// Of a thousand lots, those below this number are poison: 3 %.
const POISON: u32 = 30;
/// The lots from there to this number are repeats: 3 %.
const REPEATS: u32 = POISON + 30;
/// The lots from there to this number are conflicts: 1 %.
const CONFLICTS: u32 = REPEATS + 10;

/// The most messages between a message and its repeat or conflict. So both may be in one batch, in
/// two batches in flight, or the first may be committed long before.
const REACH: usize = 3_000;

type Make = dyn Fn(u64, Content) -> Vec<u8> + Send + Sync;

/// A producer's ledger. It does not know orders: a closure makes the payload for a key and a
/// content.
///
/// Each message is entered before it is published ([`Ledger::intend`]), and marked once the broker
/// has confirmed it ([`Ledger::confirm`]). A message that was never confirmed may have arrived or
/// not.
pub struct Ledger {
    make: Box<Make>,
    entries: Mutex<Entries>,
}

struct Entries {
    random: fastrand::Rng,
    all: Vec<Entry>,
}

/// One message that was to be published.
#[derive(Debug, Clone)]
struct Entry {
    payload: Bytes,
    key: u64,
    content: Content,
    confirmed: bool,
}

/// A message to publish.
#[derive(Debug, Clone)]
pub struct Intent {
    /// Its number in the ledger.
    pub number: usize,
    /// What to publish.
    pub payload: Bytes,
}

/// How many messages were entered and confirmed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Entered.
    pub intended: usize,
    /// Confirmed by the broker.
    pub confirmed: usize,
    /// Confirmed, with the exact bytes of another message.
    pub repeats: usize,
    /// Confirmed, and refused only by the database.
    pub refused: usize,
}

impl Ledger {
    /// An empty ledger. `make` returns the payload for a key and a content; no two payloads may be
    /// equal. The seed decides the order of good and bad.
    #[must_use]
    pub fn new(seed: u64, make: impl Fn(u64, Content) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let entries = Entries { random: fastrand::Rng::with_seed(seed), all: Vec::new() };
        Self { make: Box::new(make), entries: Mutex::new(entries) }
    }

    /// Enters the next message of a mix: 3 % poison, 3 % repeats, 1 % conflicts, otherwise good
    /// ones.
    pub fn intend(&self) -> Intent {
        self.with(|entries| {
            let lot = entries.random.u32(0..1_000);
            let earlier = entries.earlier_good();
            let entry = match (lot, earlier) {
                (..POISON, _) => self.make(entries.next_key(), Content::POISON[lot as usize % 4]),
                (..REPEATS, Some(earlier)) => Entry { confirmed: false, ..earlier },
                (..CONFLICTS, Some(earlier)) => {
                    self.make(earlier.key, Content::Other(entries.next_key()))
                }
                _ => self.make(entries.next_key(), Content::Good),
            };
            entries.enter(entry)
        })
    }

    /// Enters a message with this key and content. If [`Ledger::intend`] uses the key too, it is
    /// less than the number of entries.
    pub fn intend_exactly(&self, key: u64, content: Content) -> Intent {
        self.with(|entries| entries.enter(self.make(key, content)))
    }

    /// Notes that the broker holds the message.
    pub fn confirm(&self, number: usize) {
        self.with(|entries| entries.all[number].confirmed = true);
    }

    /// What was entered and confirmed so far.
    #[must_use]
    pub fn totals(&self) -> Totals {
        self.with(|entries| {
            let confirmed = || entries.all.iter().filter(|entry| entry.confirmed);
            let distinct: HashSet<_> = confirmed().map(|entry| &entry.payload).collect();
            Totals {
                intended: entries.all.len(),
                confirmed: confirmed().count(),
                repeats: confirmed().count() - distinct.len(),
                refused: confirmed().filter(|entry| entry.content == Content::Refused).count(),
            }
        })
    }

    /// What is wrong with these books, one line each. Empty if every promise was kept.
    #[must_use]
    pub fn judge(&self, books: &Books) -> Vec<String> {
        self.with(|entries| judge::judge(&entries.all, books))
    }

    fn make(&self, key: u64, content: Content) -> Entry {
        let payload = (self.make)(key, content).into();
        Entry { payload, key, content, confirmed: false }
    }

    fn with<T>(&self, act: impl FnOnce(&mut Entries) -> T) -> T {
        act(&mut self.entries.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Entries {
    fn next_key(&self) -> u64 {
        self.all.len() as u64
    }

    fn enter(&mut self, entry: Entry) -> Intent {
        let intent = Intent { number: self.all.len(), payload: entry.payload.clone() };
        self.all.push(entry);
        intent
    }

    fn earlier_good(&mut self) -> Option<Entry> {
        let back = self.random.usize(1..=REACH);
        let entry = &self.all[self.all.len().checked_sub(back)?];
        (entry.content == Content::Good).then(|| entry.clone())
    }
}
