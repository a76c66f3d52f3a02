//! The live tables as they were at one look, and whether they are still the same.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use l0_mapping::{Mapping, Table};
use l0_stage::{Document, Encoded, Error, Record, Rejection, serde_json};
use sqlx::postgres::PgConnection;

use super::catalog::Live;
use super::fit::{Survey, rules, survey, unread};
use super::rule_book::RuleBook;
use super::{fingerprint, letters_table};
use crate::write::row;
use crate::write::statement::Statements;

/// How long a writer assumes that the tables are unchanged. Before it rejects a document as a dead
/// letter, it looks at the tables in any case.
const FRESH: Duration = Duration::from_secs(10);

/// A mapping that fits the live tables, and its statements.
pub(crate) struct Generation {
    /// The generation's number. Every record names the generation for which it was encoded.
    pub number: u32,
    pub mapping: Mapping,
    pub statements: Statements,
    pub rules: RuleBook,
}

impl Generation {
    pub fn new(number: u32, mapping: Mapping, live: Live, rules: RuleBook) -> Self {
        let statements = Statements::new(&mapping, live);
        Self { number, mapping, statements, rules }
    }

    /// # Errors
    /// A rejection that names the pointer, the column and the expectation, never the value.
    pub fn encode(&self, document: &Document) -> Result<Encoded, Rejection> {
        row::encode(self.number, &self.mapping, document)
    }

    /// Returns the records in the encoding of this generation. A record of another generation is
    /// encoded again.
    pub fn adopt<'a>(&self, records: &'a [Record]) -> Result<Cow<'a, [Record]>, Error> {
        let is_own = |record: &Record| Ok(row::generation(&record.encoded)? == self.number);
        let own = records.iter().map(is_own).collect::<Result<Vec<bool>, Error>>()?;
        if own.iter().all(|is_own| *is_own) {
            return Ok(Cow::Borrowed(records));
        }
        let records = records.iter().zip(own);
        let adopted = records.map(|(record, is_own)| match is_own {
            true => Ok(record.clone()),
            false => self.encode_anew(record),
        });
        adopted.collect::<Result<_, _>>().map(Cow::Owned)
    }

    fn encode_anew(&self, record: &Record) -> Result<Record, Error> {
        let document = document(record)?;
        let encoded = self.encode(&document).map_err(Error::refused)?;
        Ok(Record { message: document.into_message(), encoded })
    }
}

/// The document from which a record was encoded. It was well-formed then.
pub(crate) fn document(record: &Record) -> Result<Document, Error> {
    let json = serde_json::from_slice(&record.message.payload).map_err(Error::permanent)?;
    Ok(Document::new(record.message.clone(), json))
}

/// The generation that all writers and readers of an instance share.
pub(crate) struct Generations {
    table: Table,
    current: Mutex<Known>,
    /// Locked while a new generation is read, so that an older look cannot replace a newer one.
    turn: tokio::sync::Mutex<()>,
    began: Instant,
    /// When the next look is due, in milliseconds since the start.
    due: AtomicU64,
    /// Whether the next look must read the whole catalog. Names in the statements, of a sequence or
    /// a function, may have changed elsewhere.
    is_doubted: AtomicBool,
}

struct Known {
    generation: Arc<Generation>,
    fingerprint: String,
}

impl Generations {
    /// Reads the first generation.
    ///
    /// # Errors
    /// Every finding where the mapping does not fit the tables, or where something else keeps all
    /// documents out.
    pub async fn read(connection: &mut PgConnection, table: &Table) -> Result<Self, Error> {
        let fingerprint = fingerprint::read(connection, table).await.map_err(unread)?;
        let letters = letters_table::check(connection).await?;
        let Survey { mapping, live } = survey(connection, table, letters).await?;
        let rules = rules(connection, &mapping, &live).await?;
        let generation = Generation::new(0, mapping, live, rules);
        let generations = Self::of(table.clone(), generation, fingerprint);
        generations.postpone();
        Ok(generations)
    }

    /// A generation that is never replaced: for tables within a transaction, which do not change.
    pub fn fixed(table: Table, generation: Generation) -> Self {
        Self::of(table, generation, String::new())
    }

    fn of(table: Table, generation: Generation, fingerprint: String) -> Self {
        let known = Known { generation: Arc::new(generation), fingerprint };
        let (current, turn) = (Mutex::new(known), tokio::sync::Mutex::default());
        let (due, is_doubted) = (AtomicU64::new(0), AtomicBool::new(false));
        Self { table, current, turn, began: Instant::now(), due, is_doubted }
    }

    pub fn current(&self) -> Arc<Generation> {
        self.with(|known| known.generation.clone())
    }

    /// Whether this caller should look, because the last look is too old.
    pub fn is_due(&self) -> bool {
        let (now, due) = (self.now(), self.due.load(Ordering::Relaxed));
        let next = now + milliseconds(FRESH);
        let claim = || self.due.compare_exchange(due, next, Ordering::Relaxed, Ordering::Relaxed);
        now >= due && claim().is_ok()
    }

    /// Notes that an answer of the database contradicts what is known.
    pub fn doubt(&self) {
        self.is_doubted.store(true, Ordering::Relaxed);
        self.due.store(0, Ordering::Relaxed);
    }

    fn postpone(&self) {
        self.due.store(self.now() + milliseconds(FRESH), Ordering::Relaxed);
    }

    fn now(&self) -> u64 {
        milliseconds(self.began.elapsed())
    }

    /// Compares the live tables with the current generation, and reads the next one if they differ.
    ///
    /// # Errors
    /// Every finding where the mapping no longer fits the tables. The current generation stays in
    /// use until the mapping fits again.
    pub async fn look(&self, connection: &mut PgConnection) -> Result<(), Error> {
        let looked = self.follow(connection).await;
        match &looked {
            Ok(()) => self.postpone(),
            Err(_) => self.doubt(),
        }
        looked
    }

    async fn follow(&self, connection: &mut PgConnection) -> Result<(), Error> {
        if self.current().rules.is_fixed() {
            return Ok(());
        }
        if !self.is_doubted.load(Ordering::Relaxed) && self.fingerprint(connection).await?.1 {
            return Ok(());
        }
        let _turn = self.turn.lock().await;
        // Another caller may have read it meanwhile.
        let is_doubted = self.is_doubted.swap(false, Ordering::Relaxed);
        let (fingerprint, is_known) = self.fingerprint(connection).await?;
        if is_known && !is_doubted {
            return Ok(());
        }
        // A mistake in the table of dead letters does not stop documents. The next insert of a dead
        // letter reports it.
        let Survey { mapping, live } = survey(connection, &self.table, None).await?;
        let current = self.current();
        let generation = match live == current.statements.live {
            true => current,
            false => {
                let rules = rules(connection, &mapping, &live).await?;
                let number = current.number.wrapping_add(1);
                tracing::info!(table = self.table.name, "adapted to tables that were changed");
                Arc::new(Generation::new(number, mapping, live, rules))
            }
        };
        self.with(|known| *known = Known { generation, fingerprint });
        Ok(())
    }

    /// The fingerprint of the live tables, and whether it is that of the current generation.
    async fn fingerprint(&self, connection: &mut PgConnection) -> Result<(String, bool), Error> {
        let live = fingerprint::read(connection, &self.table).await.map_err(unread)?;
        let is_known = self.with(|known| known.fingerprint == live);
        Ok((live, is_known))
    }

    fn with<T>(&self, act: impl FnOnce(&mut Known) -> T) -> T {
        act(&mut self.current.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
