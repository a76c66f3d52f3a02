//! Who may read: whoever reaches the listener, under a name that is known to mean it.
//!
//! A web page of another site, whose name was made to mean this address, would be read by its browser as
//! this site's own. It says its name in `Host`, and is refused on a loopback address, and wherever `hosts`
//! lists names.

use warp::http::header::HOST;
use warp::http::{Method, Request, Version};

use crate::operate::{Operate, only};
use crate::problem::Problem;

/// Probes and scrapers ask by address; these hold no document.
const UNDER_ANY_NAME: [&str; 3] = ["/livez", "/readyz", "/metrics"];

/// Why a request is refused before any route sees it. Writes are checked by [`Operate::admit`] too.
pub(crate) fn refusal<B>(operate: &Operate, request: &Request<B>) -> Option<Problem> {
    if UNDER_ANY_NAME.contains(&request.uri().path()) {
        return None;
    }
    let host = only(request.headers(), &HOST);
    let may_lack_it = request.version() < Version::HTTP_11 && !request.headers().contains_key(HOST);
    if host.is_none() && !may_lack_it {
        return Some(Problem::invalid_host());
    }
    let is_write = request.method() == Method::POST;
    if is_write || !operate.hosts().is_closed() || operate.proves(request.headers()) {
        return None;
    }
    let absolute =
        request.uri().authority().is_none_or(|name| operate.hosts().knows(name.as_str()));
    let known = absolute && host.is_some_and(|host| operate.hosts().knows(host));
    (!known).then(Problem::foreign_host)
}
