//! An HTTP client for a running instance.

use anyhow::{Context as _, bail};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{AUTHORIZATION, HOST, HeaderValue};
use hyper::{Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use l0_http::Trust;
use l0_stage::Secret;

use super::target::Target;

const LARGEST_ANSWER: usize = 1 << 20;

/// Sends requests to a running instance over one connection, and connects again if that was closed.
pub struct Client {
    url: String,
    /// `host:port`
    host: String,
    /// The path that every request path is appended to, for an instance behind a proxy under a path
    /// of its own.
    prefix: String,
    trust: Trust,
    authorization: Option<HeaderValue>,
    connection: Option<SendRequest<Empty<Bytes>>>,
}

impl Client {
    /// Does not connect yet. Every request carries the token, if there is one.
    ///
    /// # Errors
    /// The URL has a form that this client does not support, or the token is not a valid header
    /// value.
    pub fn new(Target { url, trust }: &Target, token: Option<&Secret>) -> anyhow::Result<Self> {
        let uri: Uri = url.parse().with_context(|| format!("`{}` is not a URL", shown(url)))?;
        let Some(authority) = uri.authority() else { bail!("`{}` names no host", shown(url)) };
        let usual_port = match (uri.scheme_str(), trust) {
            (None | Some("http"), Trust::Plain) => 80,
            (Some("https"), Trust::Certificate(_) | Trust::Authorities(_)) => 443,
            _ => bail!("`{}`: a URL of an instance begins with http:// or https://", shown(url)),
        };
        if authority.as_str().contains('@') {
            bail!("a user name in the URL is not supported");
        }
        let port = authority.port_u16().unwrap_or(usual_port);
        let prefix = uri.path().trim_end_matches('/').to_owned();
        Ok(Self {
            url: shown(url).to_owned(),
            host: format!("{}:{port}", authority.host()),
            prefix,
            trust: trust.clone(),
            authorization: token.map(authorization).transpose()?,
            connection: None,
        })
    }

    /// The URL as it was given, without its parameters.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The answer to `GET`. The future may be dropped before it is complete.
    pub async fn get(&mut self, path: &str) -> anyhow::Result<(StatusCode, Bytes)> {
        // The connection is put back only after a whole answer. Otherwise the rest of this answer
        // would be read as the next answer.
        let mut connection = match self.connection.take().filter(|it| !it.is_closed()) {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        let mut request = Request::get(format!("{}{path}", self.prefix)).header(HOST, &self.host);
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        connection.ready().await?;
        let answer = connection.send_request(request.body(Empty::new())?).await?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), LARGEST_ANSWER).collect().await;
        let body = body.map_err(anyhow::Error::from_boxed)?.to_bytes();
        self.connection = Some(connection);
        Ok((status, body))
    }

    async fn connect(&self) -> anyhow::Result<SendRequest<Empty<Bytes>>> {
        let stream = l0_http::connect(&self.host, &self.trust).await?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(sender)
    }
}

/// The part of a URL that may be shown: no user, no password, no parameters.
fn shown(url: &str) -> &str {
    let address = url.split(['?', '#']).next().unwrap_or_default();
    match address.contains('@') {
        true => "[secret]",
        false => address,
    }
}

fn authorization(token: &Secret) -> anyhow::Result<HeaderValue> {
    let value = HeaderValue::from_str(&format!("Bearer {}", token.expose()));
    let mut value = value.context("the token has characters that a header cannot carry")?;
    value.set_sensitive(true);
    Ok(value)
}
