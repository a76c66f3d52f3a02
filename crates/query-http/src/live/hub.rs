//! The latest event of each kind, and its listeners.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use l0_http::Client;
use l0_stage::{Bytes, Stop};
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use crate::places::{Place, Places};

/// The most streams at the same time.
const LISTENERS: usize = 64;
/// Time between two comments, by which a page knows that the server is still there.
const COMMENT: Duration = Duration::from_secs(2);

/// The latest event of a kind, as it is sent.
pub(super) type Latest = Option<Bytes>;

/// The source of this stage's events.
#[derive(Debug)]
pub(crate) struct Hub {
    pub(super) status: watch::Sender<Latest>,
    pub(super) newest: watch::Sender<Latest>,
    places: Arc<Places>,
    joined: Notify,
    stop: Stop,
}

impl Hub {
    /// A hub whose streams all end with `stop`.
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

    pub(super) fn join(&self, client: Client) -> Option<Listener> {
        let place = Places::take(&self.places, client)?;
        let (mut status, mut newest) = (self.status.subscribe(), self.newest.subscribe());
        // A new listener gets what is known already at once.
        status.mark_changed();
        newest.mark_changed();
        self.joined.notify_one();
        let mut comments = interval_at(Instant::now() + COMMENT, COMMENT);
        comments.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Some(Listener { status, newest, comments, stop: self.stop.clone(), _place: place })
    }

    /// Returns once a client listens. Events that earlier listeners got are out of date by then.
    pub(super) async fn wait_for_listeners(&self) {
        while self.listeners() == 0 {
            self.status.send_if_modified(clear);
            self.newest.send_if_modified(clear);
            self.joined.notified().await;
        }
    }
}

/// Removes the event.
fn clear(latest: &mut Latest) -> bool {
    *latest = None;
    false
}

/// One stream.
pub(super) struct Listener {
    status: watch::Receiver<Latest>,
    newest: watch::Receiver<Latest>,
    comments: Interval,
    stop: Stop,
    _place: Place,
}

impl Listener {
    pub(super) async fn next(mut self) -> Option<(Result<Bytes, Infallible>, Self)> {
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
