//! Posts documents to the listener, for `produce`.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use l0_http::{Listen, Token, Trust, connect};
use l0_stage::anyhow::{self, anyhow};
use l0_stage::serde_json::{self, Value};
use l0_stage::{Bytes, Error, Publisher, Reason, Rejection, Why, async_trait};
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::ticket::PATH;

/// How much longer than the listener's own time limit an answer is awaited.
const MARGIN: Duration = Duration::from_secs(5);

/// The most bytes of an answer that are read.
const ANSWER_BYTES: usize = 64 * 1024;

/// Posts to the listener of this configuration, in this process or another.
pub(crate) struct HttpPublisher {
    listen: Listen,
    /// The port that this process listens on, if it listens.
    port: Arc<OnceLock<u16>>,
    token: Option<Arc<Token>>,
    trust: Trust,
    patience: Duration,
    /// The connection that is kept between two documents.
    connection: Mutex<Option<Connection>>,
}

type Connection = SendRequest<Full<Bytes>>;

impl HttpPublisher {
    pub fn new(
        listen: Listen,
        port: Arc<OnceLock<u16>>,
        token: Option<Arc<Token>>,
        trust: Trust,
        answer_timeout: Duration,
    ) -> Self {
        let patience = answer_timeout + MARGIN;
        Self { listen, port, token, trust, patience, connection: Mutex::default() }
    }

    fn port(&self) -> u16 {
        self.port.get().copied().unwrap_or(self.listen.port)
    }

    fn authority(&self) -> String {
        self.listen.authority(self.port())
    }

    fn url(&self) -> String {
        let is_encrypted = !matches!(self.trust, Trust::Plain);
        let url = self.listen.url(self.port(), is_encrypted);
        format!("{}{PATH}", url.trim_end_matches('/'))
    }

    fn request(&self, payload: Bytes) -> anyhow::Result<Request<Full<Bytes>>> {
        let mut request = Request::post(PATH)
            .header(HOST, self.authority())
            .header(CONTENT_TYPE, "application/json");
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, token.header());
        }
        Ok(request.body(Full::from(payload))?)
    }

    /// The kept connection if it is still open. The server closes an idle one.
    async fn connection(&self, kept: Option<Connection>) -> anyhow::Result<Connection> {
        if let Some(mut connection) = kept
            && connection.ready().await.is_ok()
        {
            return Ok(connection);
        }
        let stream = connect(&self.authority(), &self.trust).await?;
        let (connection, driver) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(driver);
        Ok(connection)
    }

    async fn post(&self, payload: Bytes) -> anyhow::Result<(StatusCode, Bytes)> {
        let request = self.request(payload)?;
        let mut kept = self.connection.lock().await;
        let mut connection = self.connection(kept.take()).await?;
        let answer = connection.send_request(request).await?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), ANSWER_BYTES).collect().await;
        let body = body.map_err(|error| anyhow!(error))?.to_bytes();
        *kept = Some(connection);
        Ok((status, body))
    }
}

#[async_trait]
impl Publisher for HttpPublisher {
    /// # Errors
    /// [`Error::Refused`] for a document that was rejected, and so became a dead letter.
    async fn publish(&self, payload: Bytes) -> Result<(), Error> {
        let doing = || format!("cannot post to {}", self.url());
        let (status, body) = match timeout(self.patience, self.post(payload)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => {
                return Err(Error::retryable(Why::Unreachable, error.context(doing())));
            }
            Err(_) => {
                return Err(Error::retryable(Why::TimedOut, anyhow!("{}: no answer", doing())));
            }
        };
        refusal(status, &body, doing()).map_or(Ok(()), Err)
    }
}

/// The error of an answer that is neither stored nor duplicate.
fn refusal(status: StatusCode, body: &[u8], doing: String) -> Option<Error> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |key: &str| body["error"][key].as_str().unwrap_or("no explanation").to_owned();
    let (code, message) = (text("code"), text("message"));
    let error = anyhow!("{} {code}: {message}", status.as_u16()).context(doing);
    match status {
        StatusCode::OK | StatusCode::CREATED => None,
        StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY => match reason(&code) {
            Some(reason) => Some(Error::refused(Rejection::new(reason, message))),
            None => Some(Error::permanent(error)),
        },
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            Some(Error::retryable(Why::Denied, error))
        }
        StatusCode::TOO_MANY_REQUESTS => Some(Error::retryable(Why::Full, error)),
        StatusCode::SERVICE_UNAVAILABLE => Some(Error::retryable(Why::Contended, error)),
        _ => Some(Error::permanent(error)),
    }
}

fn reason(code: &str) -> Option<Reason> {
    Reason::ALL.into_iter().find(|reason| reason.as_str() == code)
}
