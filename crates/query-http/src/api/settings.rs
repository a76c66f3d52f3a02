//! `GET /api/config`: the values of the configuration.

use std::sync::Arc;

use l0_stage::observe::Setting;
use serde::Serialize;

use super::asked::Asked;
use super::{Answer, Api, json};

#[derive(Debug, Serialize)]
struct Shown {
    settings: Vec<Value>,
}

#[derive(Debug, Serialize)]
struct Value {
    key: String,
    value: Option<String>,
    origin: String,
    secret: bool,
}

/// `GET /api/config`: the values of the configuration, without secrets (invariant 6).
pub(crate) async fn settings(api: Arc<Api>, asked: Asked) -> Answer {
    asked.parameters()?.refuse_others()?;
    let shown = |Setting { key, value, origin }| {
        let secret = value.is_none();
        Value { key, value, origin, secret }
    };
    Ok(json(&Shown { settings: api.view.instance.settings().into_iter().map(shown).collect() }))
}
