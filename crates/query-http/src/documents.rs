use std::time::{Duration, Instant};

use warp::Reply;
use warp::http::{HeaderName, HeaderValue};
use warp::reply::Response;

use crate::cache::{Cache, CacheStatus, Failure};
use crate::content::REVALIDATE_PRIVATE;
use crate::problem::Problem;

static CACHE_STATUS: HeaderName = HeaderName::from_static("x-cache-status");
static SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// Answers `/get-json?id=N`, with the time it took on this side.
pub(crate) async fn get_json(cache: &Cache, query: &str) -> Response {
    let started = Instant::now();
    let mut response = document(cache, query).await.unwrap_or_else(Reply::into_response);
    response.headers_mut().insert(&SERVER_TIMING, timing(started.elapsed()));
    response
}

async fn document(cache: &Cache, query: &str) -> Result<Response, Problem> {
    let id = requested_id(query)?;
    let (found, status) = cache.document(id).await?;
    let document = found.ok_or(Problem::no_such_document())?;
    let mut response = document.reply("application/json", REVALIDATE_PRIVATE);
    response.headers_mut().insert(&CACHE_STATUS, HeaderValue::from_static(status.as_str()));
    Ok(response)
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

/// In milliseconds with three decimals, without the cost of a floating point number.
fn timing(took: Duration) -> HeaderValue {
    let millis = took.as_secs() * 1000 + u64::from(took.subsec_millis());
    let micros = took.subsec_micros() % 1000;
    HeaderValue::try_from(format!("cache;dur={millis}.{micros:03}"))
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

/// Stricter than `i64::from_str`, which takes a sign.
fn parse_id(text: &str) -> Option<i64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten().filter(|id| *id > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

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
