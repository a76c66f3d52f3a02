use tracing_subscriber::EnvFilter;

use crate::cli::{Cli, LogFormat};
use crate::visible::Visible;

/// Logs go to standard error; standard output is for data. `RUST_LOG` decides in detail.
pub fn init(cli: &Cli) {
    let level = match (cli.quiet, cli.verbose) {
        (true, _) => "warn",
        (false, 0) => "info",
        (false, 1) => {
            "info,l0_engine=debug,l0_source_nats=debug,l0_source_http=debug,l0_source_file=debug,\
             l0_sink_postgres=debug,l0_sink_sqlite=debug,l0_query_http=debug,l0_http=debug"
        }
        (false, _) => "trace",
    };
    let quiet_drivers = "async_nats=error,sqlx=warn,hyper=warn";
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new(format!("{level},{quiet_drivers}")));
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
