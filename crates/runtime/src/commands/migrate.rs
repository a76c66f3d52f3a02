use std::process::ExitCode;

use l0_engine::Needs;

use crate::cli::Cli;
use crate::exit::Exit;

/// Prepares the sink's database as administrator.
pub async fn migrate(cli: &Cli) -> Result<ExitCode, Exit> {
    let (_, pipeline) = cli.load(Needs::MIGRATE)?;
    let Some(sink) = pipeline.sink else {
        return Err(Exit::usage("nothing to migrate: the configuration has no [sink.*] section"));
    };
    for step in sink.kind.migrate(&pipeline.context).await? {
        eprintln!("{step}");
    }
    Ok(ExitCode::SUCCESS)
}
