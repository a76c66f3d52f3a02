use std::process::ExitCode;

use l0_engine::Needs;

use crate::cli::Cli;
use crate::exit::Exit;

/// Checks everything that can be checked without a network.
pub fn validate(cli: &Cli) -> Result<ExitCode, Exit> {
    let (_, pipeline) = cli.load(Needs::EVERYTHING)?;
    eprintln!("{}: pipeline `{}` is valid", cli.config.display(), pipeline.settings.name);
    Ok(ExitCode::SUCCESS)
}
