use std::sync::Arc;

use l0_stage::History;
use serde::Serialize;

use super::asked::Asked;
use super::{Answer, Api, json};
use crate::moment::Moment;

#[derive(Debug, Serialize)]
struct Shown {
    step_secs: u64,
    end: Moment,
    stored: Vec<u64>,
    lag: Vec<Option<u64>>,
    away: Vec<Away>,
}

#[derive(Debug, Serialize)]
struct Away {
    stage: &'static str,
    code: &'static str,
    from: Moment,
    to: Option<Moment>,
}

/// `GET /api/history`: the last five minutes, second by second.
pub(crate) async fn history(api: Arc<Api>, asked: Asked) -> Answer {
    asked.parameters()?.refuse_others()?;
    let History { end, stored, lag, away } = api.view.instance.history();
    let away = away.into_iter().map(|away| Away {
        stage: away.stage,
        code: away.why.as_str(),
        from: Moment(away.from),
        to: away.to.map(Moment),
    });
    Ok(json(&Shown { step_secs: 1, end: Moment(end), stored, lag, away: away.collect() }))
}
