use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Bytes, Incoming};
use hyper::header::{
    CONNECTION, CONTENT_ENCODING, CONTENT_TYPE, EXPECT, HeaderMap, HeaderName, HeaderValue, ORIGIN,
};
use hyper::{Method, Request, Response, StatusCode};
use l0_http::{Attempts, Client, Peer, Proof, Proxies, RequestIds, Token, is_proxied};
use l0_stage::Stop;
use tokio::time::timeout;

use crate::answer::Answer;
use crate::body::Bodies;
use crate::inbox::Inbox;
use crate::ndjson::{self, Lines};
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
    pub token: Option<Arc<Token>>,
    pub attempts: Arc<Attempts>,
    pub proxies: Proxies,
    pub answer_timeout: Duration,
    /// Most lines of one body.
    pub max_lines: usize,
    /// The stop of the pipeline. After it no document is accepted.
    pub stop: Stop,
    /// The URL for a client on this machine, up to the path.
    pub url: String,
    pub ids: RequestIds,
}

/// How a body separates its documents.
#[derive(Clone, Copy)]
enum Format {
    One,
    Lines,
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
        let read: Result<_, Problem> = async {
            let format = self.admit(client, &head.headers)?;
            let (bytes, room) = self.bodies.read(client, &mut body, &mut is_sent).await?;
            Ok((format, bytes, room))
        }
        .await;
        match read {
            Ok((Format::One, bytes, room)) => self.one(bytes, room).await.into_reply(id),
            Ok((Format::Lines, bytes, room)) => match ndjson::check(&bytes, self.max_lines) {
                Ok(()) => self.lines(Lines::of(bytes, room), id),
                Err(problem) => problem.into_reply(id),
            },
            Err(problem) => {
                if is_sent {
                    self.bodies.linger(body);
                }
                problem.into_reply(id)
            }
        }
    }

    /// Refuses everything that can be refused before the body is read.
    fn admit(&self, client: Client, headers: &HeaderMap) -> Result<Format, Problem> {
        self.check_sender(client, headers)?;
        let format = format(headers).ok_or(Problem::unsupported_type())?;
        if headers.get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
            return Err(Problem::unsupported_encoding());
        }
        if self.stop.is_requested() {
            return Err(Problem::stopping());
        }
        self.inbox.check(client).map(|()| format)
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

    fn lines(&self, lines: Lines, id: &str) -> Reply {
        let (inbox, patience) = (Arc::clone(&self.inbox), self.answer_timeout);
        let answers = ndjson::answers(lines, inbox, patience, id.to_owned());
        let mut reply = Response::new(StreamBody::new(answers).boxed_unsync());
        reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(NDJSON));
        reply
    }

    fn usage(&self) -> String {
        let at = format!("{}{PATH}", self.url.trim_end_matches('/'));
        let token = if self.token.is_some() { " -H 'authorization: Bearer TOKEN'" } else { "" };
        format!(
            "one document: curl{token} -H 'content-type: application/json' --data-binary @order.json {at}\n\
             one per line: curl{token} -H 'content-type: {NDJSON}' --data-binary @orders.jsonl {at}\n"
        )
    }
}

/// The format by the content type. Its parameters do not matter, because JSON is UTF-8.
fn format(headers: &HeaderMap) -> Option<Format> {
    let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let media_type = value.split(';').next()?.trim();
    if media_type.eq_ignore_ascii_case("application/json") {
        Some(Format::One)
    } else if media_type.eq_ignore_ascii_case(NDJSON) {
        Some(Format::Lines)
    } else {
        None
    }
}
