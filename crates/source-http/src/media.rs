//! What a body is, by its headers.

use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap};

use crate::problem::Problem;

/// Types of bodies with one document per line.
const LINES: [&str; 3] = ["application/x-ndjson", "application/jsonl", "application/x-jsonlines"];

/// How a body separates its documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// One document, or an array of them.
    Json,
    /// One in each line.
    Lines,
}

/// Which content types are taken.
#[derive(Debug)]
pub(crate) struct Media {
    /// Further types whose bodies are JSON.
    json: Vec<String>,
}

impl Media {
    pub fn new(json: &[String]) -> Self {
        Self { json: json.to_vec() }
    }

    /// The format by the content type. Its parameters do not matter, because JSON is UTF-8.
    pub fn format(&self, headers: &HeaderMap) -> Result<Format, Problem> {
        let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let media_type = value.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
        let is = |known: &str| media_type.eq_ignore_ascii_case(known);
        if LINES.into_iter().any(is) {
            return Ok(Format::Lines);
        }
        match is_json(media_type) || self.json.iter().any(|known| is(known)) {
            true => Ok(Format::Json),
            false => Err(Problem::unsupported_type()),
        }
    }
}

/// `application/json`, and the formats that are written in JSON: `application/cloudevents+json`.
fn is_json(media_type: &str) -> bool {
    let Some((kind, subtype)) = media_type.split_once('/') else { return false };
    let suffix = subtype.rsplit_once('+').map_or(subtype, |(_, suffix)| suffix);
    kind.eq_ignore_ascii_case("application") && suffix.eq_ignore_ascii_case("json")
}

/// Whether the body is gzip, by its headers.
pub(crate) fn is_gzip(headers: &HeaderMap) -> Result<bool, Problem> {
    let mut encodings = headers.get_all(CONTENT_ENCODING).into_iter();
    let (first, more) = (encodings.next(), encodings.next());
    let first = first.map_or(Ok("identity"), |first| first.to_str());
    match first.map(str::to_ascii_lowercase).as_deref() {
        Ok("identity") if more.is_none() => Ok(false),
        Ok("gzip" | "x-gzip") if more.is_none() => Ok(true),
        _ => Err(Problem::unsupported_encoding()),
    }
}
