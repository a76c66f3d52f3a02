use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use crate::api::Api;

/// Takes a sample of the traffic every second, until it is dropped.
pub(crate) async fn keep(api: Arc<Api>) {
    let mut seconds = interval(Duration::from_secs(1));
    seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        seconds.tick().await;
        api.traffic.sample(api.cache.figures().hits);
        // Logs which fields the sink cannot find, soon after it was connected.
        api.fields.known(&api.view);
    }
}
