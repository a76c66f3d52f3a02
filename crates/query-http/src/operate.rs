//! Who may write: replay, discard, publish.
//!
//! On a loopback address every program that can reach it may write, but no web page of another site
//! that runs in a browser of this machine. Such a page says in `Origin` and `Sec-Fetch-Site` where
//! it came from. A page whose name was made to resolve to this address says so in `Host`. A request
//! that a proxy of this machine forwards may come from anywhere. On other addresses a token is
//! required, and here too if one is configured.

use l0_http::{Attempts, Client, Hosts, Proof, Token, is_proxied};
use warp::http::header::ORIGIN;
use warp::http::{HeaderMap, HeaderName};

use crate::Protect;
use crate::problem::Problem;

static SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether writes are accepted, and from which clients.
#[derive(Debug)]
pub(crate) struct Operate {
    token: Option<Token>,
    hosts: Hosts,
    exposed: bool,
    protect: Protect,
    /// Whether the listener speaks TLS.
    is_encrypted: bool,
    attempts: Attempts,
}

impl Operate {
    pub fn new(
        token: Option<Token>,
        hosts: Hosts,
        exposed: bool,
        protect: Protect,
        is_encrypted: bool,
    ) -> Self {
        Self { token, hosts, exposed, protect, is_encrypted, attempts: Attempts::default() }
    }

    /// Whether the token protects reads too.
    pub fn protects_reads(&self) -> bool {
        self.protect == Protect::All
    }

    /// Checks the token of a client's request, if one is configured.
    pub fn prove(&self, client: Client, headers: &HeaderMap) -> Result<(), Problem> {
        match self.token.as_ref().map(|token| token.proof(headers)) {
            Some(Proof::Right) => Ok(()),
            Some(Proof::Wrong) if self.attempts.wrong(client, "query.http") => {
                Err(Problem::too_many_attempts())
            }
            _ => Err(Problem::unauthorized()),
        }
    }

    /// Requests with a wrong token since the start.
    pub fn wrong_tokens(&self) -> u64 {
        self.attempts.total()
    }

    /// The names under which the listener may be asked.
    pub fn hosts(&self) -> &Hosts {
        &self.hosts
    }

    /// Whether other machines can reach the listener and read.
    pub fn exposed(&self) -> bool {
        self.exposed && !self.protects_reads()
    }

    pub fn as_str(&self) -> &'static str {
        match (&self.token, self.exposed) {
            (Some(_), _) => "token",
            (None, false) => "open",
            (None, true) => "closed",
        }
    }

    /// Checks whether a client's request may write.
    pub fn admit(&self, client: Client, headers: &HeaderMap) -> Result<(), Problem> {
        if self.token.is_none() && self.exposed {
            return Err(Problem::forbidden(
                "other machines can reach this listener, and it has no token: \
                 set `token` or `token_file` in [query.http], or listen on 127.0.0.1",
            ));
        }
        self.refuse_other_sites(headers)?;
        match &self.token {
            Some(_) => self.prove(client, headers),
            None if is_proxied(headers) => Err(Problem::forbidden(
                "a proxy forwarded this request, so its client may be anywhere: set `token` or `token_file` \
                 in [query.http], and send it as `Authorization: Bearer TOKEN`",
            )),
            None => self.refuse_other_names(headers),
        }
    }

    fn refuse_other_sites(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let mut sites = headers.get_all(&SEC_FETCH_SITE).iter();
        let mut origins = headers.get_all(ORIGIN).iter();
        let same_site = sites.all(|site| site == "same-origin" || site == "none");
        let same_origin = origins.all(|origin| {
            let origin = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
            origin.is_some_and(|(scheme, host)| {
                self.may_bring(scheme) && Some(host) == Hosts::asked(headers)
            })
        });
        match same_site && same_origin {
            true => Ok(()),
            false => Err(Problem::forbidden("a page of another site may not do this")),
        }
    }

    /// Whether our page may have been loaded by this scheme. Behind a proxy it may be https
    /// although the listener speaks http.
    fn may_bring(&self, scheme: &str) -> bool {
        scheme == "https" || (scheme == "http" && !self.is_encrypted)
    }

    fn refuse_other_names(&self, headers: &HeaderMap) -> Result<(), Problem> {
        match Hosts::asked(headers).is_some_and(|host| self.hosts.knows(host)) {
            true => Ok(()),
            false => Err(Problem::foreign_host()),
        }
    }
}
