use clap::Args;
use l0_engine::Needs;
use l0_stage::MigrateOptions;
use serde_json::json;

use crate::answer::Answer;
use crate::cli::Cli;
use crate::exit::Exit;

/// Options of `migrate`.
#[derive(Debug, Args)]
pub struct Migrate {
    /// Also set the passwords of existing roles; every program that uses these roles needs them then
    #[arg(long)]
    pub set_passwords: bool,
}

/// Prepares the sink's database as administrator.
pub async fn migrate(cli: &Cli, options: &Migrate) -> Result<Answer, Exit> {
    let (_, pipeline) = cli.load(Needs::MIGRATE)?;
    let Some(sink) = pipeline.sink else {
        return Err(Exit::usage("nothing to migrate: the configuration has no [sink.*] section"));
    };
    let options = MigrateOptions { set_passwords: options.set_passwords };
    let steps = sink.migrate(&pipeline.context, options).await?;
    Ok(Answer::done(steps.join("\n")).with(json!({"steps": steps})))
}
