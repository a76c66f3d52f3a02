//! The events, and the stream of them that a client gets.

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream;
use l0_stage::serde_json;
use l0_stage::stored::Lookup;
use serde::Serialize;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, timeout};
use tracing::error;
use warp::Reply;
use warp::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use warp::http::{HeaderName, HeaderValue};

use super::hub::{Latest, Listener};
use crate::api::asked::Asked;
use crate::api::entries::Listed;
use crate::api::status::PageStatus;
use crate::api::{Answer, Api};
use crate::content::NO_STORE;
use crate::problem::Problem;

/// Longest list of newest documents.
const NEWEST: usize = 20;
/// Time between two rounds.
const ROUND: Duration = Duration::from_millis(500);
/// Longest time between two status events, even if nothing changes.
const STATUS: Duration = Duration::from_secs(5);
static ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// `GET /api/events`.
pub(crate) async fn events(api: Arc<Api>, asked: Asked) -> Answer {
    asked.parameters()?.refuse_others()?;
    let listener = api.hub.join(asked.client).ok_or(Problem::busy())?;
    let mut response =
        warp::reply::stream(stream::unfold(listener, Listener::next)).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(NO_STORE));
    headers.insert(&ACCEL_BUFFERING, HeaderValue::from_static("no"));
    Ok(response)
}

/// Sends changes to the listeners, until it is dropped.
pub(crate) async fn tell(api: Arc<Api>) {
    loop {
        api.hub.wait_for_listeners().await;
        // At the same time: a sink that hangs must not delay the status.
        tokio::select! {
            () = tell_status(&api) => {}
            () = tell_newest(&api) => {}
        }
    }
}

/// Sends the status while a client listens.
async fn tell_status(api: &Api) {
    let mut rounds = rounds();
    let mut sent: Option<(Instant, PageStatus)> = None;
    while api.hub.listeners() > 0 {
        rounds.tick().await;
        let status = PageStatus::of(api).await;
        let is_due = sent
            .as_ref()
            .is_none_or(|(at, before)| at.elapsed() >= STATUS || status.differs_from(before));
        let event = event("status", &status);
        // A new listener gets it even if it is not sent to the others.
        api.hub.status.send_if_modified(|latest| {
            *latest = event;
            is_due
        });
        if is_due {
            sent = Some((Instant::now(), status));
        }
    }
}

#[derive(Debug, Serialize)]
struct Newest {
    /// `None` if the sink does not list documents.
    documents: Option<Vec<Listed>>,
}

/// Sends the newest documents, until it is dropped. If they cannot be read, nothing is sent.
async fn tell_newest(api: &Api) {
    let mut rounds = rounds();
    loop {
        rounds.tick().await;
        let event = newest(api).await.and_then(|newest| event("newest", &newest));
        api.hub.newest.send_if_modified(|latest| {
            let is_new = *latest != event;
            *latest = event;
            is_new
        });
    }
}

/// `None` if they cannot be read.
async fn newest(api: &Api) -> Option<Newest> {
    let reading = api.entries(&Lookup::All, None, NEWEST);
    let documents = match timeout(api.patience, reading).await.ok()? {
        Ok(found) => Some(found.into_iter().map(Listed::from).collect()),
        Err(problem) if problem.is_not_listed() => None,
        Err(_) => return None,
    };
    Some(Newest { documents })
}

fn rounds() -> Interval {
    let mut rounds = interval(ROUND);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    rounds
}

fn event(name: &str, value: &impl Serialize) -> Latest {
    match serde_json::to_string(value) {
        Ok(data) => Some(format!("event: {name}\ndata: {data}\n\n").into()),
        Err(error) => {
            error!(%error, name, "an event cannot be written as JSON");
            None
        }
    }
}
