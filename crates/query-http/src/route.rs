use std::future::ready;
use std::sync::Arc;

use l0_http::Client;
use tracing::error;
use warp::filters::BoxedFilter;
use warp::http::{HeaderMap, Method};
use warp::path::FullPath;
use warp::reject::{Reject, Rejection, custom, not_found};
use warp::reply::Response;
use warp::{Filter, Reply, ext, header, method, path, query};

use crate::api::asked::Asked;
use crate::api::{Answer, Api};
use crate::problem::{Problem, READS, WRITES};

/// One path, and how it answers.
pub(crate) struct Route {
    /// The path, with `{id}` for a segment that is a parameter.
    #[cfg_attr(not(test), expect(dead_code, reason = "compared with what is described"))]
    pub path: &'static str,
    /// The methods that it accepts.
    #[cfg_attr(not(test), expect(dead_code, reason = "compared with what is described"))]
    pub methods: &'static str,
    pub filter: BoxedFilter<(Response,)>,
}

/// The accepted methods.
#[derive(Debug)]
pub(crate) struct MethodNotAllowed(pub &'static str);

impl Reject for MethodNotAllowed {}

impl Route {
    /// A route for GET and HEAD.
    pub fn read<F>(
        path: &'static str,
        api: &Arc<Api>,
        answer: impl Fn(Arc<Api>, Asked) -> F + Clone + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Answer> + Send,
    {
        let api = Arc::clone(api);
        let filter =
            at(path).and(read_only()).and(asked()).then(move |id, query, headers, client| {
                answer(Arc::clone(&api), Asked { id, query, headers, client })
            });
        Self { path, methods: READS, filter: filter.map(respond).boxed() }
    }

    /// A route for POST, from clients that may write.
    pub fn write<F>(
        path: &'static str,
        api: &Arc<Api>,
        answer: impl Fn(Arc<Api>, Asked) -> F + Clone + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Answer> + Send + 'static,
    {
        let api = Arc::clone(api);
        let filter =
            at(path).and(write_only()).and(asked()).then(move |id, query, headers, client| {
                write(Arc::clone(&api), Asked { id, query, headers, client }, answer.clone())
            });
        Self { path, methods: WRITES, filter: filter.map(respond).boxed() }
    }
}

/// Finishes a write that has begun, even if its client no longer waits.
async fn write<F>(api: Arc<Api>, asked: Asked, answer: impl Fn(Arc<Api>, Asked) -> F) -> Answer
where
    F: Future<Output = Answer> + Send + 'static,
{
    api.operate.admit(asked.client, &asked.headers)?;
    let place = Arc::clone(&api.writes).try_acquire_owned().map_err(|_| Problem::busy())?;
    let answer = answer(api, asked);
    let written = tokio::spawn(async move {
        let _place = place;
        answer.await
    });
    written.await.unwrap_or_else(|error| {
        error!(%error, "a write failed");
        Err(Problem::internal())
    })
}

fn respond(answer: Answer) -> Response {
    answer.unwrap_or_else(Reply::into_response)
}

/// The segment at `{id}` of a path of this form.
fn at(form: &'static str) -> impl Filter<Extract = (String,), Error = Rejection> + Clone {
    path::full().and_then(move |path: FullPath| {
        ready(parameter(form, path.as_str()).map(str::to_owned).ok_or_else(not_found))
    })
}

fn asked() -> impl Filter<Extract = (String, HeaderMap, Client), Error = Rejection> + Clone {
    let query = query::raw().or(warp::any().map(String::new)).unify();
    query.and(header::headers_cloned()).and(ext::get::<Client>())
}

/// Empty if the form has no parameter.
fn parameter<'a>(form: &str, path: &'a str) -> Option<&'a str> {
    let Some((before, after)) = form.split_once("{id}") else {
        return (form == path).then_some("");
    };
    let id = path.strip_prefix(before)?.strip_suffix(after)?;
    // A path with a meaning of its own is not an id, whatever the method.
    (!matches!(id, "" | "replay") && !id.contains('/')).then_some(id)
}

pub(crate) fn read_only() -> impl Filter<Extract = (), Error = Rejection> + Copy {
    allow(READS, |method| matches!(*method, Method::GET | Method::HEAD))
}

fn write_only() -> impl Filter<Extract = (), Error = Rejection> + Copy {
    allow(WRITES, |method| *method == Method::POST)
}

fn allow(
    allowed: &'static str,
    is_allowed: fn(&Method) -> bool,
) -> impl Filter<Extract = (), Error = Rejection> + Copy {
    let check = move |method: Method| {
        let refused = || custom(MethodNotAllowed(allowed));
        ready(if is_allowed(&method) { Ok(()) } else { Err(refused()) })
    };
    method().and_then(check).untuple_one()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_one_segment() {
        let (plain, one) = ("/api/documents", "/api/documents/{id}");
        assert_eq!(parameter(plain, plain), Some(""));
        assert_eq!(parameter(one, "/api/documents/12"), Some("12"));
        for path in ["/api/documents", "/api/documents/", "/api/documents/1/2", "/API/documents/1"]
        {
            assert_eq!(parameter(one, path), None, "{path}");
        }
        let replay = "/api/dead-letters/{id}/replay";
        assert_eq!(parameter(replay, "/api/dead-letters/1/replay"), Some("1"));
        assert_eq!(parameter(replay, "/api/dead-letters/replay"), None);
    }
}
