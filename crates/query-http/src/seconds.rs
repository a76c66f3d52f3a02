use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use crate::api::Api;

/// Notes every second what was asked, until it is dropped.
pub(crate) async fn keep(api: Arc<Api>) {
    let mut seconds = interval(Duration::from_secs(1));
    seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        seconds.tick().await;
        api.traffic.sample(api.cache.figures().hits);
        // Says what the sink cannot find, soon after it was connected.
        api.fields.known(&api.view);
    }
}
