//! The file of the rows: which keys it has, and where the row of each id stands.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

use l0_stage::{Bytes, Error, Outcome, Record, canonical};

use crate::csv;
use crate::journal::Journal;

/// The columns that every row has: the first two and the last one.
pub(crate) const OWN: [&str; 3] = ["id", "key", "document"];

pub(crate) struct Rows {
    journal: Journal,
    /// By id, which counts from 1. Some 100 bytes per document stay in memory, here and in `ids`.
    places: Vec<Range<u64>>,
    ids: HashMap<String, i64>,
}

impl Rows {
    pub fn open<'a>(path: &Path, columns: impl Iterator<Item = &'a str>) -> Result<Self, Error> {
        let [id, key, document] = OWN;
        let header: Vec<_> = [id, key].into_iter().chain(columns).chain([document]).collect();
        let (mut places, mut ids) = (Vec::new(), HashMap::new());
        let journal = Journal::open(path, "path", &csv::record(&header), |place, record| {
            let fields = csv::fields(record);
            places.push(place);
            let id = places.len() as i64;
            let key = String::from_utf8(fields[1..].first().cloned().unwrap_or_default());
            let is_row = fields.len() == header.len() && fields[0] == id.to_string().as_bytes();
            is_row && key.is_ok_and(|key| ids.insert(key, id).is_none())
        })?;
        Ok(Self { journal, places, ids })
    }

    /// Appends the rows of new keys and compares the documents of known ones.
    pub fn write(&mut self, batch: &[Record]) -> Result<Vec<Outcome>, Error> {
        let (mut rows, mut ends, mut outcomes) = (Vec::new(), Vec::new(), Vec::new());
        let mut new: HashMap<&str, (i64, &Bytes)> = HashMap::new();
        for Record { message, encoded } in batch {
            outcomes.push(if let Some(id) = self.ids.get(&encoded.key) {
                let stored = self.document(*id)?.unwrap_or_default();
                compare(*id, &stored, &message.payload)
            } else if let Some((id, first)) = new.get(&*encoded.key) {
                compare(*id, first, &message.payload)
            } else {
                let id = (self.places.len() + ends.len()) as i64 + 1;
                rows.extend_from_slice(format!("{id},").as_bytes());
                rows.extend_from_slice(&encoded.row);
                ends.push(rows.len() as u64);
                new.insert(&encoded.key, (id, &message.payload));
                Outcome::Stored(id)
            });
        }
        let mut start = self.journal.append(&rows)?;
        let first = start;
        for end in ends {
            self.places.push(start..first + end);
            start = first + end;
        }
        self.ids.extend(new.into_iter().map(|(key, (id, _))| (key.to_owned(), id)));
        Ok(outcomes)
    }

    /// The payload of a document as it was published.
    pub fn document(&self, id: i64) -> Result<Option<Bytes>, Error> {
        let index = id.checked_sub(1).and_then(|index| usize::try_from(index).ok());
        let Some(place) = index.and_then(|index| self.places.get(index)) else { return Ok(None) };
        Ok(csv::fields(&self.journal.read(place)?).pop().map(Bytes::from))
    }
}

fn compare(id: i64, stored: &[u8], payload: &[u8]) -> Outcome {
    let are_equal = canonical(stored) == canonical(payload);
    if are_equal { Outcome::Duplicate(id) } else { Outcome::Conflict(id) }
}
