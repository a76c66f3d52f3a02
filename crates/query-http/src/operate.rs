//! Who may write: replay, discard, publish.
//!
//! On a loopback address anybody who can reach it may, but no web page of somebody else's that runs
//! in a browser of this machine: such a page says in `Origin` and `Sec-Fetch-Site` where it came
//! from, and one whose name was made to mean this address says so in `Host`. What a proxy of this machine
//! hands on comes from anywhere. Elsewhere, and here too if there is one, a token is asked for.

use l0_http::{Attempts, Client, Hosts, Proof, Token, is_proxied};
use warp::http::header::ORIGIN;
use warp::http::{HeaderMap, HeaderName};

use crate::Protect;
use crate::problem::Problem;

static SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether and from whom writes are taken.
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

    /// Whether a client's request carries the token, if there is one.
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

    /// Under which names it is asked.
    pub fn hosts(&self) -> &Hosts {
        &self.hosts
    }

    /// Whether others than those on this machine reach the listener and may read.
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

    /// Whether a client's request may write.
    pub fn admit(&self, client: Client, headers: &HeaderMap) -> Result<(), Problem> {
        if self.token.is_none() && self.exposed {
            return Err(Problem::forbidden(
                "others than this machine reach this listener, and it has no token: \
                 set `token` or `token_file` in [query.http], or listen on 127.0.0.1",
            ));
        }
        self.refuse_other_sites(headers)?;
        match &self.token {
            Some(_) => self.prove(client, headers),
            None if is_proxied(headers) => Err(Problem::forbidden(
                "a proxy handed this on, so its client may be anywhere: set `token` or `token_file` \
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

    /// Whether our page may have come by this scheme. Behind a proxy it comes by https, although the
    /// listener speaks http.
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
