use std::time::{Duration, Instant};

use l0_stage::View;
use warp::Reply;
use warp::http::{HeaderMap, HeaderValue};
use warp::reply::{Response, with_header};

use crate::cache::{Cache, CacheStatus, Failure};
use crate::content::REVALIDATE_PRIVATE;
use crate::problem::Problem;

/// Answers `/get-json?id=N`, with the time it took on this side.
pub(crate) async fn get_json(
    view: View,
    cache: Cache,
    query: String,
    request: HeaderMap,
) -> Response {
    let started = Instant::now();
    let answer = document(&view, &cache, &query, &request).await;
    with_header(answer, "server-timing", timing(started.elapsed())).into_response()
}

async fn document(
    view: &View,
    cache: &Cache,
    query: &str,
    request: &HeaderMap,
) -> Result<Response, Problem> {
    let id = requested_id(query)?;
    let reader = view.reader().ok_or(Problem::starting())?;
    let (found, status) = cache.document(id, reader).await?;
    let document = found.ok_or(Problem::no_such_document())?;
    let mut response = document.reply(request, "application/json", REVALIDATE_PRIVATE);
    response.headers_mut().insert("x-cache-status", HeaderValue::from_static(status.as_str()));
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
            Failure::Unavailable => Self::unavailable(),
            Failure::TimedOut => Self::timed_out(),
            Failure::Busy => Self::busy(),
            Failure::Broken => Self::internal(),
        }
    }
}

fn timing(took: Duration) -> String {
    format!("cache;dur={:.3}", took.as_secs_f64() * 1000.0)
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
