use l0_stage::Stop;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::{info, warn};

/// The first SIGTERM or SIGINT asks the pipeline to drain, the second ends the process at once with
/// 128 + signal, after `clean_up`: nothing is lost, what was in hand is delivered again.
pub fn stop_on_signals(clean_up: impl FnOnce() + Send + 'static) -> std::io::Result<Stop> {
    let stop = Stop::new();
    let terminate = signal(SignalKind::terminate())?;
    let interrupt = signal(SignalKind::interrupt())?;
    tokio::spawn(watch(terminate, interrupt, stop.clone(), clean_up));
    Ok(stop)
}

async fn watch(mut terminate: Signal, mut interrupt: Signal, stop: Stop, clean_up: impl FnOnce()) {
    let mut next = async || {
        tokio::select! {
            _ = terminate.recv() => SignalKind::terminate(),
            _ = interrupt.recv() => SignalKind::interrupt(),
        }
    };
    next().await;
    info!("draining; a second signal ends at once");
    stop.request();
    let signal = next().await.as_raw_value();
    warn!(signal, "ended at once");
    clean_up();
    std::process::exit(128 + signal);
}
