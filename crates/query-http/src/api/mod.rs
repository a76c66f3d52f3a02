//! The routes below `/api`, for the page and for programs.

pub(crate) mod asked;
pub(crate) mod complaints;
pub(crate) mod entries;
pub(crate) mod fields;
pub(crate) mod find;
pub(crate) mod history;
pub(crate) mod letters;
pub(crate) mod mend;
pub(crate) mod produce;
pub(crate) mod settings;
pub(crate) mod status;

use std::sync::Arc;
use std::time::Duration;

use l0_observe::Tally;
use l0_stage::letters::DeadLetters;
use l0_stage::observe::{CacheFigures, Queries};
use l0_stage::serde_json;
use l0_stage::stored::{Entry, Lookup};
use l0_stage::{Reader, View};
use serde::Serialize;
use tokio::sync::{Mutex, Semaphore};
use tracing::error;
use warp::Reply;
use warp::http::HeaderValue;
use warp::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use warp::reply::Response;

use crate::cache::Cache;
use crate::content::NO_STORE;
use crate::live::Hub;
use crate::operate::Operate;
use crate::problem::Problem;
use crate::traffic::Traffic;
use complaints::Complaints;
use fields::Fields;

/// What the routes share.
pub(crate) struct Api {
    pub view: View,
    pub cache: Cache,
    pub fields: Fields,
    pub tally: Tally,
    pub traffic: Arc<Traffic>,
    pub hub: Hub,
    pub operate: Arc<Operate>,
    pub complaints: Complaints,
    /// The most writes at the same time.
    pub writes: Arc<Semaphore>,
    /// Locked by a replay of all letters.
    pub replaying_all: Mutex<()>,
    /// Largest document of the pipeline.
    pub max_document_bytes: usize,
    /// Longest time an answer may take.
    pub patience: Duration,
}

/// What an answer can be.
pub(crate) type Answer = Result<Response, Problem>;

impl Api {
    pub fn reader(&self) -> Result<Arc<dyn Reader>, Problem> {
        self.view.reader().ok_or(Problem::starting())
    }

    pub async fn entries(
        &self,
        lookup: &Lookup,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<Entry>, Problem> {
        let found = self.reader()?.entries(lookup, before, limit).await;
        found.map_err(|error| match error.is_unlisted() {
            true => Problem::not_listed(),
            false => self.complaints.of("documents cannot be found", &error),
        })
    }

    /// The numbers that this stage counts.
    pub fn queries(&self) -> Queries {
        let (limits, figures) = (self.cache.limits(), self.cache.figures());
        let (requests_per_second, hits_per_second) = self.traffic.rates();
        Queries {
            cache: CacheFigures {
                capacity: limits.entries,
                entries: figures.entries,
                max_bytes: limits.bytes,
                bytes: figures.bytes,
                hits: figures.hits,
                misses: figures.misses,
            },
            answers: self.traffic.classes(),
            wrong_tokens: self.operate.wrong_tokens(),
            connections: self.traffic.connections.open(),
            event_streams: self.hub.listeners(),
            requests_per_second,
            hits_per_second,
        }
    }

    /// The dead letters, if this instance can show them.
    pub fn letters(&self) -> Result<Arc<dyn DeadLetters>, Problem> {
        match self.view.instance.letters() {
            Some(letters) => Ok(letters),
            None if self.view.reader().is_none() => Err(Problem::starting()),
            None => Err(Problem::no_letters()),
        }
    }
}

/// An answer that no cache may store.
pub(crate) fn json(value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(body) => uncached(body, "application/json"),
        Err(error) => {
            error!(%error, "an answer cannot be written as JSON");
            Problem::internal().into_response()
        }
    }
}

/// The same for content that is already written.
pub(crate) fn uncached(body: Vec<u8>, content_type: &'static str) -> Response {
    let mut response = Response::new(body.into());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(NO_STORE));
    response
}
