use std::sync::LazyLock;
use std::time::{Duration, Instant};

use warp::Reply;
use warp::http::header::ETAG;
use warp::http::{HeaderMap, HeaderName, HeaderValue};
use warp::reply::Response;

use crate::cache::{Cache, CacheStatus, Failure};
use crate::content::{Content, REVALIDATE_PRIVATE, head};
use crate::problem::Problem;
use crate::request_id::REQUEST_ID;
use crate::security;

/// The path for documents by id.
pub(crate) const GET_JSON: &str = "/get-json";

static CACHE_STATUS: HeaderName = HeaderName::from_static("x-cache-status");
static SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// The headers of an answer with a document.
static HEAD: LazyLock<HeaderMap> = LazyLock::new(|| {
    let mut head = head("application/json", REVALIDATE_PRIVATE);
    for replaced in [&ETAG, &CACHE_STATUS, &SERVER_TIMING, &REQUEST_ID] {
        head.insert(replaced, HeaderValue::from_static(""));
    }
    security::data(&mut head);
    head
});

/// Answers `/get-json?id=N` with a document that is in the cache.
pub(crate) fn kept(cache: &Cache, query: &str) -> Option<Response> {
    let started = Instant::now();
    let id = query.strip_prefix("id=").and_then(parse_id)?;
    let content = cache.kept(id)?;
    Some(timed(found(&content, CacheStatus::Hit), started))
}

/// Answers `/get-json?id=N`, and adds the time that the server took.
pub(crate) async fn get_json(cache: &Cache, query: &str) -> Response {
    let started = Instant::now();
    timed(document(cache, query).await.unwrap_or_else(Reply::into_response), started)
}

async fn document(cache: &Cache, query: &str) -> Result<Response, Problem> {
    let id = requested_id(query)?;
    let (content, status) = cache.document(id).await?;
    let absent = || match cache.keeps_documents() {
        true => Problem::no_such_document(),
        false => Problem::documents_not_kept(),
    };
    Ok(found(&content.ok_or_else(absent)?, status))
}

fn found(content: &Content, status: CacheStatus) -> Response {
    let mut response = content.reply(&HEAD);
    response.headers_mut().insert(&CACHE_STATUS, HeaderValue::from_static(status.as_str()));
    response
}

fn timed(mut response: Response, started: Instant) -> Response {
    response.headers_mut().insert(&SERVER_TIMING, timing(started.elapsed()));
    response
}

impl CacheStatus {
    fn as_str(self) -> &'static str {
        match self {
            Self::Hit => "Hit",
            Self::Miss => "Miss",
        }
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Starting => Self::starting(),
            Failure::Unavailable => Self::unavailable(),
            Failure::TimedOut => Self::timed_out(),
            Failure::Busy => Self::busy(),
            Failure::Broken => Self::internal(),
        }
    }
}

/// Milliseconds with three decimal places, at most 99999.999. Written by hand, because Rust's
/// formatting costs more than a look into the cache.
fn timing(took: Duration) -> HeaderValue {
    const PREFIX: usize = "cache;dur=".len();
    let mut text = *b"cache;dur=00000.000";
    let mut rest = took.as_micros().min(99_999_999);
    for digit in text[PREFIX..].iter_mut().rev().filter(|digit| **digit != b'.') {
        *digit += u8::try_from(rest % 10).unwrap_or_default();
        rest /= 10;
    }
    let zeros = text[PREFIX..PREFIX + 4].iter().take_while(|digit| **digit == b'0').count();
    text.copy_within(PREFIX + zeros.., PREFIX);
    HeaderValue::from_bytes(&text[..text.len() - zeros])
        .unwrap_or_else(|_| unreachable!("digits are a header value"))
}

fn requested_id(query: &str) -> Result<i64, Problem> {
    let mut ids = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "id");
    match (ids.next(), ids.next()) {
        (None, _) => Err(Problem::invalid_id("the id is missing: /get-json?id=1")),
        (Some(_), Some(_)) => Err(Problem::invalid_id("more than one id is given")),
        (Some((_, text)), None) => parse_id(&text).ok_or(Problem::invalid_id(
            "an id is written in digits and lies between 1 and 9223372036854775807",
        )),
    }
}

/// Stricter than `i64::from_str`, which accepts a sign.
pub(crate) fn parse_id(text: &str) -> Option<i64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten().filter(|id| *id > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_in_milliseconds_with_three_decimals() {
        for (micros, text) in
            [(0, "0.000"), (7, "0.007"), (1_234_567, "1234.567"), (10_000, "10.000")]
        {
            assert_eq!(timing(Duration::from_micros(micros)), format!("cache;dur={text}"));
        }
        assert_eq!(timing(Duration::MAX), "cache;dur=99999.999");
    }

    #[test]
    fn ids_are_digits_between_one_and_the_largest_bigint() {
        assert_eq!(requested_id("id=1").ok(), Some(1));
        assert_eq!(requested_id("a=b&id=9223372036854775807").ok(), Some(i64::MAX));
        for query in ["", "id", "id=", "id=0", "id=+1", "id=%2B1", "id=-1", "id=1.0", "id=1e3"] {
            assert!(requested_id(query).is_err(), "{query}");
        }
        for query in ["id=9223372036854775808", "id=١", "id=1%00", "id=1&id=1", "id=1&%69d=2"] {
            assert!(requested_id(query).is_err(), "{query}");
        }
    }
}
