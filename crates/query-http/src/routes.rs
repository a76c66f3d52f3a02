use std::convert::Infallible;
use std::sync::Arc;

use l0_stage::View;
use warp::filters::BoxedFilter;
use warp::http::{HeaderMap, Method};
use warp::path::FullPath;
use warp::reject::{Reject, Rejection, custom, not_found};
use warp::reply::Response;
use warp::{Filter, Reply, any, header, method, path};

use crate::assets::{Asset, Assets};
use crate::cache::Cache;
use crate::content::REVALIDATE;
use crate::documents::get_json;
use crate::health;
use crate::problem::Problem;

/// What the routes answer from.
#[derive(Debug, Clone)]
pub(crate) struct State {
    pub view: View,
    pub cache: Cache,
    pub assets: Arc<Assets>,
}

/// Every path that is answered. The caller keeps `CONNECT` out: it has no path, and warp's path
/// filters panic on it.
pub(crate) fn routes(state: State) -> BoxedFilter<(Response,)> {
    let State { view, cache, assets } = state;
    let readiness = view.readiness.clone();

    let live = at("livez").map(health::live);
    let ready = at("readyz").map(move || health::ready(&readiness));
    let status_of = view.clone();
    let status = warp::path("api").and(at("status")).map(move || health::status(&status_of));
    let document = at("get-json").and(query()).and(header::headers_cloned()).then(
        move |query: String, request: HeaderMap| {
            get_json(view.clone(), cache.clone(), query, request)
        },
    );
    let page = path::full()
        .and_then(move |path| asset(Arc::clone(&assets), path))
        .and(read_only())
        .and(header::headers_cloned())
        .map(|Asset { content, content_type }: Asset, request: HeaderMap| {
            content.reply(&request, content_type, REVALIDATE)
        });

    let answers = live.or(ready).unify().or(status).unify().or(document).unify().or(page).unify();
    answers.recover(problem).unify().boxed()
}

/// GET and HEAD of exactly this path.
fn at(name: &'static str) -> impl Filter<Extract = (), Error = Rejection> + Clone {
    warp::path(name).and(path::end()).and(read_only())
}

#[derive(Debug)]
struct MethodNotAllowed;

impl Reject for MethodNotAllowed {}

fn read_only() -> impl Filter<Extract = (), Error = Rejection> + Copy {
    let check = |method: Method| async move {
        match method {
            Method::GET | Method::HEAD => Ok(()),
            _ => Err(custom(MethodNotAllowed)),
        }
    };
    method().and_then(check).untuple_one()
}

/// The query string; empty when there is none.
fn query() -> impl Filter<Extract = (String,), Error = Infallible> + Clone {
    warp::query::raw().or(any().map(String::new)).unify()
}

async fn asset(assets: Arc<Assets>, path: FullPath) -> Result<Asset, Rejection> {
    assets.find(path.as_str()).await.ok_or_else(not_found)
}

async fn problem(rejection: Rejection) -> Result<Response, Infallible> {
    let problem = match rejection.find::<MethodNotAllowed>() {
        Some(MethodNotAllowed) => Problem::method_not_allowed(),
        None => Problem::no_such_path(),
    };
    Ok(problem.into_response())
}
