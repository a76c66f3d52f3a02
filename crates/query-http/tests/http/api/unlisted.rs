//! A reader that gives documents by their ids, and does not list them.

use std::path::Path;
use std::sync::Arc;

use l0_stage::{Bytes, Error, Reader, async_trait};
use serde_json::{Value, json};

use crate::support::{Events, Server, get};

struct ByIdAlone;

#[async_trait]
impl Reader for ByIdAlone {
    async fn documents(&self, ids: &[i64]) -> Result<Vec<Option<Bytes>>, Error> {
        Ok(ids.iter().map(|id| (*id == 1).then(|| Bytes::from("{}"))).collect())
    }
}

async fn server() -> Server {
    Server::launch("", Path::new("."), Some(Arc::new(ByIdAlone))).await
}

#[tokio::test]
async fn documents_that_are_not_listed_are_not_told_as_none() {
    let server = server().await;
    for target in ["/api/documents", "/api/documents/1", "/api/find?q=1"] {
        let answer = get(server.address, target).await;
        assert_eq!((answer.status, &*answer.error_code()), (404, "not_listed"), "{target}");
        let message = &answer.json()["error"]["message"];
        let told = message.as_str().is_some_and(|it| it.contains("does not list documents"));
        assert!(told, "{target}: {message}");
    }
    assert_eq!(get(server.address, "/get-json?id=1").await.status, 200);
}

#[tokio::test]
async fn a_listener_is_told_that_they_are_not_listed() {
    let server = server().await;
    let newest = Events::open(server.address).await.named("newest").await;
    assert_eq!(newest, json!({"documents": Value::Null}));
}
