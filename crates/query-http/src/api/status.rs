use std::sync::Arc;

use l0_observe::Status;
use serde::Serialize;

use super::asked::Asked;
use super::{Answer, Api, json};

/// The status of the instance, and what the page may do there.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct PageStatus {
    #[serde(flatten)]
    status: Status,
    search: Vec<String>,
    key: Option<String>,
    operate: &'static str,
    exposed: bool,
    produce: bool,
}

/// `GET /api/status`.
pub(crate) async fn status(api: Arc<Api>, asked: Asked) -> Answer {
    asked.parameters()?.refuse_others()?;
    Ok(json(&PageStatus::of(&api).await))
}

impl PageStatus {
    pub async fn of(api: &Api) -> Self {
        let letters = api.tally.count(&api.view).await;
        let fields = api.fields.known(&api.view);
        Self {
            status: Status::of(&api.view, letters),
            search: fields.map(|known| known.search.clone()).unwrap_or_default(),
            key: fields.and_then(|known| known.key.clone()),
            operate: api.operate.as_str(),
            exposed: api.operate.exposed(),
            produce: api.view.instance.can_produce(),
        }
    }

    /// Whether anything but the time differs from `before`.
    pub fn differs_from(&self, before: &Self) -> bool {
        let status = before.status.clone();
        self.status.differs_from(&before.status) || *before != Self { status, ..self.clone() }
    }
}
