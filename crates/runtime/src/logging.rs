use tracing_subscriber::EnvFilter;

use crate::cli::{Cli, LogFormat};
use crate::registry::QUIET_DRIVERS;
use crate::visible::Visible;

/// Sends logs to standard error, because standard output is for data. `RUST_LOG` overrides the
/// levels.
pub fn init(cli: &Cli) {
    let level = match (cli.quiet, cli.verbose) {
        (true, _) => "warn",
        (false, 0) => "info",
        (false, 1) => "debug",
        (false, _) => "trace",
    };
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new(format!("{level},{QUIET_DRIVERS}")));
    let visible = Visible { format: cli.log_format, colored: cli.colored() };
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(move || visible)
        .with_target(false)
        .with_ansi(cli.colored());
    match cli.log_format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
}
