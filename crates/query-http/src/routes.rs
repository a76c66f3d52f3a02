use std::convert::Infallible;
use std::sync::Arc;

use hyper::body::Body;
use hyper::service::{Service, service_fn};
use hyper_util::service::TowerToHyperService;
use l0_stage::View;
use warp::filters::BoxedFilter;
use warp::http::{Method, Request, Uri};
use warp::path::FullPath;
use warp::reject::{Reject, Rejection, custom, not_found};
use warp::reply::Response;
use warp::{Filter, Reply, method, path};

use crate::assets::{Asset, Assets};
use crate::cache::Cache;
use crate::content::REVALIDATE;
use crate::documents::get_json;
use crate::health;
use crate::problem::Problem;

/// Every path that is answered. The caller keeps `CONNECT` out: it has no path, and warp's path
/// filters panic on it.
pub(crate) fn routes<B>(
    view: View,
    cache: Cache,
    assets: Arc<Assets>,
) -> impl Service<Request<B>, Response = Response, Error = Infallible, Future: Send> + Clone + Send
where
    B: Body + Send + Sync + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let others = TowerToHyperService::new(warp::service(filters(view, assets)));
    service_fn(move |request: Request<B>| {
        let (cache, others) = (cache.clone(), others.clone());
        async move {
            // Not a filter: running those costs more than finding a document in the cache.
            match request.uri().path() {
                "/get-json" => Ok(document(&cache, request.method(), request.uri()).await),
                _ => others.call(request).await,
            }
        }
    })
}

async fn document(cache: &Cache, method: &Method, uri: &Uri) -> Response {
    match *method {
        Method::GET | Method::HEAD => get_json(cache, uri.query().unwrap_or_default()).await,
        _ => Problem::method_not_allowed().into_response(),
    }
}

fn filters(view: View, assets: Arc<Assets>) -> BoxedFilter<(Response,)> {
    let readiness = view.readiness.clone();

    let live = at("livez").map(health::live);
    let ready = at("readyz").map(move || health::ready(&readiness));
    let status = warp::path("api").and(at("status")).map(move || health::status(&view));
    let page = path::full()
        .and_then(move |path| asset(Arc::clone(&assets), path))
        .and(read_only())
        .map(|Asset { content, content_type }| content.reply(content_type, REVALIDATE));

    let answers = live.or(ready).unify().or(status).unify().or(page).unify();
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
