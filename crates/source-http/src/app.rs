use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONNECTION, CONTENT_TYPE, EXPECT, HeaderMap, HeaderName, HeaderValue, ORIGIN};
use hyper::{Method, Request, Response, StatusCode};
use l0_http::{Attempts, Client, Peer, Proof, Proxies, RequestIds, Token, is_proxied};
use l0_stage::Stop;
use tokio::time::timeout;

use crate::answer::Answer;
use crate::answers::answers;
use crate::body::{Bodies, Kept};
use crate::documents::{Body, Documents};
use crate::inbox::Inbox;
use crate::media::{Format, Media, is_gzip};
use crate::problem::Problem;
use crate::reply::{Reply, reply};
use crate::room::Room;
use crate::ticket::{PATH, Posted};

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

const NDJSON: &str = "application/x-ndjson";

/// What the listener answers.
pub(crate) struct App {
    pub inbox: Arc<Inbox>,
    pub bodies: Bodies,
    pub media: Media,
    pub token: Option<Arc<Token>>,
    pub attempts: Arc<Attempts>,
    pub proxies: Proxies,
    pub answer_timeout: Duration,
    /// Most documents of one body.
    pub max_lines: usize,
    /// The stop of the pipeline. After it no document is accepted.
    pub stop: Stop,
    /// The URL for a client on this machine, up to the path.
    pub url: String,
    pub ids: RequestIds,
}

impl App {
    pub async fn answer(&self, peer: Peer, request: Request<Incoming>) -> Reply {
        let id = self.ids.next().to_string();
        let mut reply = match (request.method(), request.uri().path()) {
            (_, path) if peer.is_crowded && path != "/livez" => {
                Problem::too_many_connections().into_reply(&id)
            }
            (&Method::POST, PATH) => {
                let client = self.proxies.client(peer, request.headers());
                self.post(client, request, &id).await
            }
            (_, PATH) => Problem::only_post().into_reply(&id),
            (&Method::GET | &Method::HEAD, "/") => reply(StatusCode::OK, self.usage()),
            (&Method::GET | &Method::HEAD, "/livez") => reply(StatusCode::OK, "live\n".to_owned()),
            (_, "/" | "/livez") => Problem::only_get().into_reply(&id),
            _ => Problem::no_such_path().into_reply(&id),
        };
        if peer.is_crowded {
            reply.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        if let Ok(id) = HeaderValue::from_str(&id) {
            reply.headers_mut().insert(&REQUEST_ID, id);
        }
        reply
    }

    async fn post(&self, client: Client, request: Request<Incoming>, id: &str) -> Reply {
        let (head, mut body) = request.into_parts();
        let mut is_sent = !head.headers.contains_key(EXPECT);
        match self.read(client, &head.headers, &mut body, &mut is_sent).await {
            Ok((format, kept)) => self.take(format, kept, id).await,
            Err(problem) => {
                if is_sent {
                    self.bodies.linger(body);
                }
                problem.into_reply(id)
            }
        }
    }

    async fn read(
        &self,
        client: Client,
        headers: &HeaderMap,
        body: &mut Incoming,
        is_sent: &mut bool,
    ) -> Result<(Format, Kept), Problem> {
        let (format, is_gzip) = self.admit(client, headers)?;
        let kept = self.bodies.read(client, body, is_sent).await?;
        match is_gzip {
            true => Ok((format, self.bodies.unpack(client, kept).await?)),
            false => Ok((format, kept)),
        }
    }

    async fn take(&self, format: Format, (bytes, room): Kept, id: &str) -> Reply {
        match Body::of(format, bytes) {
            Body::One(payload) => self.one(payload, room).await.into_reply(id),
            Body::Several(split, rest) => match split.check(&rest, self.max_lines) {
                Ok(()) => self.several(Documents::new(split, rest, room), id),
                Err(problem) => problem.into_reply(id),
            },
        }
    }

    /// Refuses everything that can be refused before the body is read. Returns its format, and
    /// whether it is gzip.
    fn admit(&self, client: Client, headers: &HeaderMap) -> Result<(Format, bool), Problem> {
        self.check_sender(client, headers)?;
        let admitted = (self.media.format(headers)?, is_gzip(headers)?);
        if self.stop.is_requested() {
            return Err(Problem::stopping());
        }
        self.inbox.check(client).map(|()| admitted)
    }

    fn check_sender(&self, client: Client, headers: &HeaderMap) -> Result<(), Problem> {
        match self.token.as_ref().map(|token| token.proof(headers)) {
            Some(Proof::Right) => Ok(()),
            Some(Proof::Wrong) if self.attempts.wrong(client, "source.http") => {
                Err(Problem::too_many_attempts())
            }
            Some(Proof::Wrong | Proof::Absent) => Err(Problem::unauthorized()),
            // Browsers send `Origin` with every POST, even a page that uses our address as its own.
            None if headers.contains_key(ORIGIN) => Err(Problem::from_a_page()),
            None if is_proxied(headers) => Err(Problem::from_a_proxy()),
            None => Ok(()),
        }
    }

    async fn one(&self, payload: Bytes, room: Arc<Room>) -> Answer {
        let client = room.client();
        let (posted, verdict) = Posted::new(payload, room);
        if let Err(problem) = self.inbox.push(client, std::iter::once(posted)) {
            return Answer::Not(problem);
        }
        match timeout(self.answer_timeout, verdict).await {
            Ok(verdict) => Answer::of(verdict),
            Err(_) => Answer::Not(Problem::timed_out()),
        }
    }

    fn several(&self, documents: Documents, id: &str) -> Reply {
        let (inbox, patience) = (Arc::clone(&self.inbox), self.answer_timeout);
        let answers = answers(documents, inbox, patience, id.to_owned());
        let mut reply = Response::new(StreamBody::new(answers).boxed_unsync());
        reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(NDJSON));
        reply
    }

    fn usage(&self) -> String {
        let at = format!("{}{PATH}", self.url.trim_end_matches('/'));
        let token = if self.token.is_some() { " -H 'authorization: Bearer TOKEN'" } else { "" };
        format!(
            "one document, or an array: curl{token} -H 'content-type: application/json' --data-binary @order.json {at}\n\
             one per line: curl{token} -H 'content-type: {NDJSON}' --data-binary @orders.jsonl {at}\n"
        )
    }
}
