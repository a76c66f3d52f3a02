use std::sync::Arc;

use l0_stage::serde_json::value::RawValue;
use l0_stage::stored::{Entry, Lookup};
use serde::Serialize;
use tracing::error;

use super::asked::{Asked, invalid};
use super::fields::Field;
use super::{Answer, Api, json};
use crate::cache::Cache;
use crate::problem::Problem;
use l0_observe::Moment;

/// The data of a document.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Listed {
    pub id: i64,
    key: String,
    published: Option<Moment>,
    stored: Option<Moment>,
    deliveries: Option<u64>,
}

impl From<Entry> for Listed {
    fn from(entry: Entry) -> Self {
        let Entry { id, key, published, stored, deliveries } = entry;
        Self { id, key, published: published.map(Moment), stored: stored.map(Moment), deliveries }
    }
}

/// Whether a document is in the cache.
#[derive(Debug, Serialize)]
pub(crate) struct Cached {
    kept: bool,
    reads: u64,
}

impl Cached {
    /// `None` without a cache. This does not count as a use of the document.
    pub fn of(cache: &Cache, id: i64) -> Option<Self> {
        let reads = cache.reads(id);
        let is_on = cache.limits().entries > 0;
        is_on.then(|| Self { kept: reads.is_some(), reads: reads.unwrap_or_default() })
    }
}

#[derive(Debug, Serialize)]
struct Page {
    documents: Vec<Listed>,
    next: Option<i64>,
}

/// `GET /api/documents`: the newest first.
pub(crate) async fn list(api: Arc<Api>, asked: Asked) -> Answer {
    let mut parameters = asked.parameters()?;
    let (limit, before) = (parameters.take_limit()?, parameters.take_id("before")?);
    let lookup = lookup(&api, parameters.take_last()?)?;
    // One more tells whether there is a further page.
    let mut found = api.entries(&lookup, before, limit + 1).await?;
    let is_last = found.len() <= limit;
    found.truncate(limit);
    let next = found.last().map(|entry| entry.id).filter(|_| !is_last);
    Ok(json(&Page { documents: found.into_iter().map(Listed::from).collect(), next }))
}

fn lookup(api: &Api, parameter: Option<(String, String)>) -> Result<Lookup, Problem> {
    let Some((name, value)) = parameter else { return Ok(Lookup::All) };
    let known = api.fields.known(&api.view).ok_or(Problem::starting())?;
    match known.field(&name) {
        Field::Searchable => Ok(Lookup::Field { name, value }),
        Field::Unindexed => {
            let why = "the sink has no index that begins with it";
            Err(invalid(format!("documents cannot be found by `{name}`: {why}")))
        }
        Field::Unknown => Err(invalid(format!("documents cannot be found by `{name}`"))),
    }
}

#[derive(Debug, Serialize)]
struct Whole {
    #[serde(flatten)]
    entry: Listed,
    cache: Option<Cached>,
    /// `null` if the store keeps no documents.
    document: Option<Box<RawValue>>,
}

/// `GET /api/documents/{id}`: the data and the content, read past the cache.
pub(crate) async fn one(api: Arc<Api>, asked: Asked) -> Answer {
    let id = asked.id()?;
    asked.parameters()?.refuse_others()?;
    let mut entries = api.entries(&Lookup::Id(id), None, 1).await?;
    let entry = entries.pop().ok_or(Problem::no_such_document())?;
    let document = content(&api, id).await?;
    Ok(json(&Whole { entry: entry.into(), cache: Cached::of(&api.cache, id), document }))
}

async fn content(api: &Api, id: i64) -> Result<Option<Box<RawValue>>, Problem> {
    let reader = api.reader()?;
    if !reader.keeps_documents() {
        return Ok(None);
    }
    let found = reader.documents(&[id]).await;
    let found =
        found.map_err(|error| api.complaints.of("a document cannot be read", &error))?.pop();
    let bytes = found.flatten().ok_or(Problem::no_such_document())?;
    let text = String::from_utf8(bytes.into()).map_err(|error| error.to_string());
    let raw = text.and_then(|text| RawValue::from_string(text).map_err(|error| error.to_string()));
    raw.map(Some).map_err(|error| {
        error!(id, error, "a stored document is not JSON");
        Problem::internal()
    })
}
