use bytes::Bytes;
use l0_stage::stored::{Entry, Lookup};
use l0_stage::{Error, Outcome, Reader, Record, async_trait, canonical};
use serde_json::Value;
use time::OffsetDateTime;

use super::Sink;

/// The stored documents; the first one has id 1.
#[derive(Default)]
pub(super) struct Documents(Vec<Stored>);

struct Stored {
    entry: Entry,
    payload: Bytes,
}

impl Documents {
    pub fn all(&self) -> Vec<Bytes> {
        self.0.iter().map(|stored| stored.payload.clone()).collect()
    }

    /// Documents with the same key are compared as JSON. Without a key, equal bytes are the same
    /// document.
    pub fn store(&mut self, record: &Record, key: Option<&str>) -> Outcome {
        let payload = &record.message.payload;
        let same_key = |stored: &&Stored| match key {
            None => stored.payload == payload,
            Some(key) => json(&stored.payload).pointer(key) == json(payload).pointer(key),
        };
        if let Some(Stored { entry, payload: stored }) = self.0.iter().find(same_key) {
            return match canonical(stored) == canonical(payload) {
                true => Outcome::Duplicate(entry.id),
                false => Outcome::Conflict(entry.id),
            };
        }
        let id = i64::try_from(self.0.len() + 1).unwrap_or(i64::MAX);
        let origin = &record.message.origin;
        let entry = Entry {
            id,
            key: record.encoded.key.clone(),
            published: Some(origin.published),
            stored: Some(OffsetDateTime::now_utc()),
            deliveries: Some(origin.attempt),
        };
        self.0.push(Stored { entry, payload: payload.clone() });
        Outcome::Stored(id)
    }
}

impl Stored {
    fn is_meant(&self, lookup: &Lookup) -> bool {
        match lookup {
            Lookup::All => true,
            Lookup::Id(id) => self.entry.id == *id,
            Lookup::Field { name, value } => {
                text(json(&self.payload).pointer(&format!("/{name}"))).as_ref() == Some(value)
            }
        }
    }
}

#[async_trait]
impl Reader for Sink {
    async fn documents(&self, ids: &[i64]) -> Result<Vec<Option<Bytes>>, Error> {
        let documents = Sink::documents(self);
        let index = |id: i64| usize::try_from(id).ok()?.checked_sub(1);
        Ok(ids.iter().map(|id| documents.get(index(*id)?).cloned()).collect())
    }

    async fn entries(
        &self,
        lookup: &Lookup,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<Entry>, Error> {
        if let Lookup::Field { name, .. } = lookup
            && !self.fields().contains(name)
        {
            let message = format!("`{name}` is no field that documents are found by");
            return Err(Error::permanent(l0_stage::anyhow::anyhow!(message)));
        }
        let state = self.state();
        let older = state.documents.0.iter().rev().filter(|stored| {
            before.is_none_or(|before| stored.entry.id < before) && stored.is_meant(lookup)
        });
        Ok(older.take(limit).map(|stored| stored.entry.clone()).collect())
    }

    fn fields(&self) -> &[String] {
        self.field_names()
    }
}

/// A text as it is, or a number as it is written.
pub(super) fn text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Only documents get here.
fn json(payload: &Bytes) -> Value {
    serde_json::from_slice(payload).unwrap_or_default()
}
