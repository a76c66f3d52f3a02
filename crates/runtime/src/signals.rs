use l0_stage::Stop;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::{info, warn};

/// The first SIGTERM, SIGINT or SIGHUP asks the pipeline to drain. The second runs `clean_up` and
/// ends the process at once with code 128 + signal. No message is lost: the source delivers again
/// every message that was not settled.
pub fn stop_on_signals(clean_up: impl FnOnce() + Send + 'static) -> std::io::Result<Stop> {
    let stop = Stop::new();
    let kinds = [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()];
    let [terminate, interrupt, hangup] = kinds.map(signal);
    tokio::spawn(watch([terminate?, interrupt?, hangup?], stop.clone(), clean_up));
    Ok(stop)
}

async fn watch(signals: [Signal; 3], stop: Stop, clean_up: impl FnOnce()) {
    let [mut terminate, mut interrupt, mut hangup] = signals;
    let mut next = async || {
        tokio::select! {
            _ = terminate.recv() => SignalKind::terminate(),
            _ = interrupt.recv() => SignalKind::interrupt(),
            _ = hangup.recv() => SignalKind::hangup(),
        }
    };
    next().await;
    info!("draining; a second signal stops at once");
    stop.request();
    let signal = next().await.as_raw_value();
    warn!(signal, "stopped at once");
    clean_up();
    std::process::exit(128 + signal);
}
