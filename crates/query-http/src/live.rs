//! What the page shows while it happens, as server-sent events.
//!
//! ```text
//! listeners ≥ 1 ─► every 500 ms ─► status ──► watch ─┐
//!                                └► newest ─► watch ─┴─► every listener
//! ```
//!
//! However many listen, everything is asked for and written as JSON once. A watch holds the latest
//! event alone, so a listener that takes nothing costs what its connection's buffers hold.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{FutureExt, stream};
use l0_http::Client;
use l0_stage::serde_json;
use l0_stage::stored::Lookup;
use l0_stage::{Bytes, Stop};
use serde::Serialize;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, interval_at, timeout};
use tracing::error;
use warp::Reply;
use warp::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use warp::http::{HeaderName, HeaderValue};

use crate::api::asked::Asked;
use crate::api::entries::Listed;
use crate::api::status::PageStatus;
use crate::api::{Answer, Api};
use crate::content::NO_STORE;
use crate::places::{Place, Places};
use crate::problem::Problem;

/// Most streams at once.
const LISTENERS: usize = 64;
/// Longest list of newest documents.
const NEWEST: usize = 20;
/// Between two rounds.
const ROUND: Duration = Duration::from_millis(500);
/// Longest time without a status, even if nothing changes.
const STATUS: Duration = Duration::from_secs(5);
/// Between two comments: a page knows by them that the server is still there.
const COMMENT: Duration = Duration::from_secs(2);

static ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// The latest event of a kind, as it is sent.
type Latest = Option<Bytes>;

/// Where the events of this stage come from.
#[derive(Debug)]
pub(crate) struct Hub {
    status: watch::Sender<Latest>,
    newest: watch::Sender<Latest>,
    places: Arc<Places>,
    joined: Notify,
    stop: Stop,
}

impl Hub {
    /// Every stream ends with `stop`.
    pub fn new(stop: Stop, per_client: usize) -> Self {
        Self {
            status: watch::Sender::new(None),
            newest: watch::Sender::new(None),
            places: Arc::new(Places::new(LISTENERS, per_client)),
            joined: Notify::new(),
            stop,
        }
    }

    pub fn listeners(&self) -> usize {
        self.places.taken()
    }

    fn join(&self, client: Client) -> Option<Listener> {
        let place = Places::take(&self.places, client)?;
        let (mut status, mut newest) = (self.status.subscribe(), self.newest.subscribe());
        // What is known already is told at once.
        status.mark_changed();
        newest.mark_changed();
        self.joined.notify_one();
        let mut comments = interval_at(Instant::now() + COMMENT, COMMENT);
        comments.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Some(Listener { status, newest, comments, stop: self.stop.clone(), _place: place })
    }

    /// Returns once somebody listens. What was sent to those before is old by then.
    async fn wait_for_listeners(&self) {
        while self.listeners() == 0 {
            self.status.send_if_modified(clear);
            self.newest.send_if_modified(clear);
            self.joined.notified().await;
        }
    }
}

/// Without an event.
fn clear(latest: &mut Latest) -> bool {
    *latest = None;
    false
}

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

/// One stream.
struct Listener {
    status: watch::Receiver<Latest>,
    newest: watch::Receiver<Latest>,
    comments: Interval,
    stop: Stop,
    _place: Place,
}

impl Listener {
    async fn next(mut self) -> Option<(Result<Bytes, Infallible>, Self)> {
        loop {
            let event = tokio::select! {
                biased;
                () = self.stop.requested() => return None,
                changed = self.status.changed() => {
                    changed.ok()?;
                    self.status.borrow_and_update().clone()
                }
                changed = self.newest.changed() => {
                    changed.ok()?;
                    self.newest.borrow_and_update().clone()
                }
                _ = self.comments.tick() => Some(Bytes::from_static(b":\n\n")),
            };
            if let Some(event) = event {
                return Some((Ok(event), self));
            }
        }
    }
}

/// Tells the listeners what changes, until it is dropped.
pub(crate) async fn tell(api: Arc<Api>) {
    loop {
        api.hub.wait_for_listeners().await;
        // Beside each other: a sink that hangs does not hold up the status.
        tokio::select! {
            () = tell_status(&api) => {}
            () = tell_newest(&api) => {}
        }
    }
}

/// Until nobody listens.
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
        // Whoever comes next gets it, whether it is told to the others or not.
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
    documents: Vec<Listed>,
}

/// Until it is dropped. Documents that cannot be read are not told, and nobody else pays for a
/// reader that panics.
async fn tell_newest(api: &Api) {
    let mut rounds = rounds();
    loop {
        rounds.tick().await;
        let newest = AssertUnwindSafe(newest(api)).catch_unwind().await.ok().flatten();
        let event = newest.and_then(|documents| event("newest", &Newest { documents }));
        api.hub.newest.send_if_modified(|latest| {
            let is_new = *latest != event;
            *latest = event;
            is_new
        });
    }
}

/// `None` while they cannot be read.
async fn newest(api: &Api) -> Option<Vec<Listed>> {
    let reading = api.entries(&Lookup::All, None, NEWEST);
    let found = timeout(api.patience, reading).await.ok()?.ok()?;
    Some(found.into_iter().map(Listed::from).collect())
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
