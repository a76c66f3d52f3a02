//! Who may read: a client that asks under a known name of this listener, or one with the token.
//!
//! A web page of another site may have a name that was made to resolve to this address. Its browser
//! would let it read the answers as its own site's. It sends that name in `Host`, and is refused on
//! a loopback address, and wherever `hosts` lists names.

use l0_http::{Client, Hosts};
use warp::http::header::HOST;
use warp::http::{Method, Request, Version};

use crate::documents::GET_JSON;
use crate::operate::Operate;
use crate::problem::Problem;

/// Probes and scrapers ask by address. These answers contain no document.
const UNDER_ANY_NAME: [&str; 3] = ["/livez", "/readyz", METRICS];
const METRICS: &str = "/metrics";

/// Why a client's request is refused before any route sees it. Writes are also checked by
/// [`Operate::admit`].
pub(crate) fn refusal<B>(
    operate: &Operate,
    client: Client,
    request: &Request<B>,
) -> Option<Problem> {
    let misnamed = misnamed(operate, request);
    if misnamed.is_none() && !(operate.protects_reads() && is_protected(request.uri().path())) {
        return None;
    }
    match (operate.prove(client, request.headers()), misnamed) {
        (_, Some(Misnamed::NotAtAll)) => Some(Problem::invalid_host()),
        (Ok(()), _) => None,
        (Err(problem), Some(Misnamed::Foreign)) if !problem.is_for_later() => {
            Some(Problem::foreign_host())
        }
        (Err(problem), _) => Some(problem),
    }
}

/// What is wrong with the name that a request uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Misnamed {
    NotAtAll,
    Foreign,
}

fn misnamed<B>(operate: &Operate, request: &Request<B>) -> Option<Misnamed> {
    if UNDER_ANY_NAME.contains(&request.uri().path()) {
        return None;
    }
    let is_named = Hosts::asked(request.headers()).is_some();
    let may_lack_it = request.version() < Version::HTTP_11 && !request.headers().contains_key(HOST);
    if !is_named && !may_lack_it {
        return Some(Misnamed::NotAtAll);
    }
    let is_foreign = request.method() != Method::POST && operate.hosts().is_foreign(request);
    is_foreign.then_some(Misnamed::Foreign)
}

/// Whether a path shows documents or information about them. The page's own files ask for the
/// token, and `/openapi.json` only describes.
fn is_protected(path: &str) -> bool {
    path == GET_JSON || path == METRICS || path.starts_with("/api/")
}
