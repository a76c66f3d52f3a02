//! `GET /api/find`: documents and letters by a text that a person knows.

use std::sync::Arc;

use l0_stage::letters::{LetterFilter, LetterPage, PageStart};
use l0_stage::stored::Lookup;
use serde::Serialize;

use super::asked::{Asked, invalid};
use super::entries::{Cached, Listed};
use super::letters::{Letter, PREVIEW_BYTES};
use super::{Answer, Api, json};
use crate::documents::parse_id;
use crate::problem::Problem;

/// Most documents, and most letters, in one answer.
const MOST: usize = 20;
/// Longest text that is looked for, in characters.
const LONGEST: usize = 500;

#[derive(Debug, Serialize)]
struct Found {
    query: String,
    documents: Vec<FoundDocument>,
    letters: Vec<Letter>,
    newest: Option<i64>,
    ahead: Option<u64>,
}

#[derive(Debug, Serialize)]
struct FoundDocument {
    #[serde(flatten)]
    entry: Listed,
    cache: Option<Cached>,
    by: String,
}

/// `GET /api/find`: the documents and letters that match this text.
pub(crate) async fn find(api: Arc<Api>, asked: Asked) -> Answer {
    let mut parameters = asked.parameters()?;
    let text = parameters.take("q").filter(|text| !text.is_empty());
    let text = text.ok_or_else(|| invalid("`q` says what to look for: ?q=TEXT".to_owned()))?;
    if text.chars().nth(LONGEST).is_some() {
        return Err(invalid(format!("`q` is longer than {LONGEST} characters")));
    }
    parameters.refuse_others()?;
    let documents = documents(&api, &text).await?;
    let letters = match letters(&api, &text).await {
        // Letters that cannot be read are not the same as none. But if documents were found, they
        // are the answer.
        Err(problem) if documents.is_empty() => return Err(problem),
        letters => letters.unwrap_or_default(),
    };
    let newest = api.entries(&Lookup::All, None, 1).await?;
    let backlog = api.view.instance.vitals().backlog;
    Ok(json(&Found {
        documents,
        letters,
        newest: newest.first().map(|entry| entry.id),
        ahead: backlog.map(|backlog| backlog.waiting + backlog.in_flight),
        query: text,
    }))
}

/// Each document once, under the first field that found it.
async fn documents(api: &Api, text: &str) -> Result<Vec<FoundDocument>, Problem> {
    let mut found: Vec<FoundDocument> = Vec::new();
    for (by, lookup) in lookups(api, text)? {
        for entry in api.entries(&lookup, None, MOST).await? {
            if found.iter().all(|known| known.entry.id != entry.id) {
                let cache = Cached::of(&api.cache, entry.id);
                found.push(FoundDocument { entry: entry.into(), cache, by: by.clone() });
            }
        }
    }
    found.truncate(MOST);
    Ok(found)
}

fn lookups(api: &Api, text: &str) -> Result<Vec<(String, Lookup)>, Problem> {
    let known = api.fields.known(&api.view).ok_or(Problem::starting())?;
    let id = parse_id(text).map(|id| ("id".to_owned(), Lookup::Id(id)));
    let fields = known
        .searchable()
        .map(|name| (name.clone(), Lookup::Field { name: name.clone(), value: text.to_owned() }));
    Ok(id.into_iter().chain(fields).collect())
}

async fn letters(api: &Api, key: &str) -> Result<Vec<Letter>, Problem> {
    let Some(letters) = api.view.instance.letters() else { return Ok(Vec::new()) };
    let filter =
        LetterFilter { document_key: Some(key.to_owned()), decided: true, ..Default::default() };
    let from = PageStart::Before(i64::MAX);
    let page = LetterPage { from, limit: MOST, payload_bytes: PREVIEW_BYTES };
    let found = letters.list(&filter, &page).await;
    let found = found.map_err(|error| api.complaints.of("dead letters cannot be found", &error))?;
    Ok(found.iter().map(Letter::from).collect())
}
