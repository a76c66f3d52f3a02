//! `POST /api/produce`: test documents from the page.

use std::sync::Arc;

use serde::Serialize;

use super::asked::Asked;
use super::{Answer, Api, json};
use crate::problem::Problem;

/// How many documents the page's button sends.
const DOCUMENTS: usize = 5;

#[derive(Debug, Serialize)]
struct Produced {
    published: usize,
    /// The new value in each.
    fresh: Vec<String>,
}

/// `POST /api/produce`: some test documents.
pub(crate) async fn produce(api: Arc<Api>, _: Asked) -> Answer {
    let instance = &api.view.instance;
    if !instance.can_produce() {
        return Err(Problem::cannot_produce());
    }
    let fresh = instance.produce(DOCUMENTS).await.map_err(|error| {
        let what = "test documents cannot be published";
        api.complaints.or(what, &error, Problem::cannot_produce())
    })?;
    Ok(json(&Produced { published: fresh.len(), fresh }))
}
