use std::sync::Arc;

use l0_observe::History;

use super::asked::Asked;
use super::{Answer, Api, json};

/// `GET /api/history`: the last five minutes, second by second.
pub(crate) async fn history(api: Arc<Api>, asked: Asked) -> Answer {
    asked.parameters()?.refuse_others()?;
    Ok(json(&History::from(api.view.instance.history())))
}
