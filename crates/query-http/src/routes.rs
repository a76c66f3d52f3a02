use std::convert::Infallible;
use std::sync::Arc;

use hyper::body::Body;
use hyper::service::{Service, service_fn};
use hyper_util::service::TowerToHyperService;
use warp::filters::BoxedFilter;
use warp::header::headers_cloned;
use warp::http::{HeaderMap, Method, Request, Uri};
use warp::path::FullPath;
use warp::reject::{Rejection, not_found};
use warp::reply::Response;
use warp::{Filter, Reply, path};

use crate::api::{Answer, Api, entries, find, history, letters, mend, produce, settings, status};
use crate::assets::{Asset, Assets, takes_gzip};
use crate::cache::Cache;
use crate::content::{REVALIDATE, head};
use crate::documents::{GET_JSON, get_json};
use crate::problem::{Problem, READS};
use crate::route::{MethodNotAllowed, Route, read_only};
use crate::{health, live, openapi};

/// All routes. The caller must refuse `CONNECT`: it has no path, and warp's path filters panic on
/// it.
pub(crate) fn routes<B>(
    api: Arc<Api>,
    assets: Arc<Assets>,
) -> impl Service<Request<B>, Response = Response, Error = Infallible, Future: Send> + Clone + Send
where
    B: Body + Send + Sync + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let cache = api.cache.clone();
    let others = TowerToHyperService::new(warp::service(filters(&api, assets)));
    service_fn(move |request: Request<B>| {
        let (cache, others) = (cache.clone(), others.clone());
        async move {
            // Not a filter: running filters costs more than finding a document in the cache.
            match request.uri().path() {
                GET_JSON => Ok(get_json_or_refuse(&cache, request.method(), request.uri()).await),
                _ => others.call(request).await,
            }
        }
    })
}

async fn get_json_or_refuse(cache: &Cache, method: &Method, uri: &Uri) -> Response {
    match *method {
        Method::GET | Method::HEAD => get_json(cache, uri.query().unwrap_or_default()).await,
        _ => Problem::method_not_allowed(READS).into_response(),
    }
}

/// All routes except `/get-json` and the files of the page. `openapi.json` describes them, and a
/// test compares.
fn table(api: &Arc<Api>) -> Vec<Route> {
    let openapi = openapi::content();
    let describe = move |_, _| {
        let answer: Answer = Ok(openapi.reply(&head("application/json", REVALIDATE)));
        async { answer }
    };
    vec![
        Route::read("/livez", api, |_, _| async { Ok(health::live()) }),
        Route::read("/readyz", api, async |api: Arc<Api>, _| Ok(health::ready(&api))),
        Route::read("/metrics", api, health::metrics),
        Route::read("/openapi.json", api, describe),
        Route::read("/api/status", api, status::status),
        Route::read("/api/events", api, live::events),
        Route::read("/api/history", api, history::history),
        Route::read("/api/config", api, settings::settings),
        Route::read("/api/find", api, find::find),
        Route::read("/api/documents", api, entries::list),
        Route::read("/api/documents/{id}", api, entries::one),
        Route::read("/api/dead-letters", api, letters::list),
        Route::write("/api/dead-letters/replay", api, mend::replay_all),
        Route::read("/api/dead-letters/{id}", api, letters::one),
        Route::write("/api/dead-letters/{id}/replay", api, mend::replay),
        Route::write("/api/dead-letters/{id}/discard", api, mend::discard),
        Route::write("/api/produce", api, produce::produce),
    ]
}

fn filters(api: &Arc<Api>, assets: Arc<Assets>) -> BoxedFilter<(Response,)> {
    let page = path::full()
        .and(headers_cloned())
        .and_then(move |path, headers| asset(Arc::clone(&assets), path, headers))
        .and(read_only())
        .boxed();
    let routes = table(api).into_iter().map(|route| route.filter).chain([page]);
    let all = routes.reduce(|all, route| all.or(route).unify().boxed());
    let all = all.unwrap_or_else(|| unreachable!("the page is one"));
    all.recover(problem).unify().boxed()
}

async fn asset(
    assets: Arc<Assets>,
    path: FullPath,
    headers: HeaderMap,
) -> Result<Response, Rejection> {
    let asset = assets.find(path.as_str(), takes_gzip(&headers)).await;
    asset.map(Asset::reply).ok_or_else(not_found)
}

async fn problem(rejection: Rejection) -> Result<Response, Infallible> {
    let problem = match rejection.find::<MethodNotAllowed>() {
        Some(MethodNotAllowed(allowed)) => Problem::method_not_allowed(allowed),
        None => Problem::no_such_path(),
    };
    Ok(problem.into_response())
}

#[cfg(test)]
mod tests {
    use l0_stage::serde_json::{Value, from_slice};

    use super::*;
    use crate::openapi::OPENAPI;
    use crate::stage::tests::api;

    #[tokio::test]
    async fn what_is_described_is_what_is_answered() {
        let mut answered: Vec<_> =
            table(&api().await).iter().map(|route| (route.path, route.methods)).collect();
        answered.push((GET_JSON, READS));
        answered.sort_unstable();

        let document: Value = from_slice(OPENAPI).expect("JSON");
        let paths = document["paths"].as_object().expect("paths").iter();
        let operations = paths.flat_map(|(path, operations)| {
            let methods = operations.as_object().expect("operations").keys();
            methods.map(move |method| (&**path, if method == "get" { READS } else { "POST" }))
        });
        let mut described: Vec<_> = operations.collect();
        described.sort_unstable();
        assert_eq!(answered, described);
    }
}
