use serde_json::json;

use crate::answer::Answer;
use crate::check::check;
use crate::cli::Cli;
use crate::exit::Exit;

/// Checks everything that can be checked without a network.
pub fn validate(cli: &Cli) -> Result<Answer, Exit> {
    let checked = check(cli.inputs(&cli.config, &[]), &cli.registry);
    let pipeline = checked.map_err(|report| cli.invalid(&report))?;
    let (file, name) = (cli.config.display().to_string(), pipeline.settings.name);
    let result = json!({"file": file, "pipeline": name});
    Ok(Answer::done(format!("{file}: pipeline `{name}` is valid")).with(result))
}
