//! `init --table`: asks the sink of a configuration for a table that exists.

use l0_config::{Config, Report};
use l0_stage::existing::Table;
use l0_stage::{Context, Error, Sink};

use crate::pipeline::Stage;
use crate::registry::Registry;

/// The table of this name, as the sink of the configuration describes it. The configuration needs
/// no other section, and its mapping is not looked at. `None` if there is no such table.
///
/// # Errors
/// The section has mistakes, which are in the report. Or the sink cannot reach its database.
pub async fn describe(
    config: &Config,
    registry: &Registry,
    table: &str,
) -> Result<Result<Option<Table>, Error>, Report> {
    let mut report = Report::default();
    let Some((section, kind)) = registry.kinds::<dyn Sink>().load(config, true, &mut report) else {
        return Err(report);
    };
    let stage = Stage::<dyn Sink>::new(section, kind.into());
    let base = config.base().to_owned();
    let context =
        Context { pipeline: String::new(), workers: 1, max_batch: 1, max_document_bytes: 1, base };
    Ok(stage.describe(&context, table).await)
}
