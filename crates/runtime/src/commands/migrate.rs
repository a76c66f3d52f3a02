use l0_engine::Needs;
use serde_json::json;

use crate::answer::Answer;
use crate::cli::Cli;
use crate::exit::Exit;

/// Prepares the sink's database as administrator.
pub async fn migrate(cli: &Cli) -> Result<Answer, Exit> {
    let (_, pipeline) = cli.load(Needs::MIGRATE)?;
    let Some(sink) = pipeline.sink else {
        return Err(Exit::usage("nothing to migrate: the configuration has no [sink.*] section"));
    };
    let steps = sink.kind.migrate(&pipeline.context).await?;
    Ok(Answer::done(steps.join("\n")).with(json!({"steps": steps})))
}
