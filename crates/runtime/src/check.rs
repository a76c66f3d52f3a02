use l0_config::{Config, Diagnostic, Inputs, Report};
use l0_engine::{Needs, Pipeline, Registry, Sample};
use l0_stage::Finding;

/// Reads and checks a whole configuration without a network, as `validate` does.
///
/// # Errors
/// Everything that is wrong, each finding at its line.
pub fn check(inputs: Inputs, registry: &Registry) -> Result<Pipeline, Report> {
    let config = Config::load(Inputs { keys: registry.keys(), ..inputs })?;
    let pipeline = Pipeline::load(&config, registry, Needs::EVERYTHING);
    match (pipeline, sample_problems(&config)) {
        (Ok(pipeline), problems) if problems.is_empty() => Ok(pipeline),
        (Ok(_), problems) => Err(problems),
        (Err(mut report), problems) => {
            report.extend(problems);
            Err(report)
        }
    }
}

/// Checks the section `[produce]`, which no stage checks because it belongs to none.
pub(crate) fn sample_problems(config: &Config) -> Report {
    match Sample::load(config) {
        _ if !config.has("produce") => Report::default(),
        Ok(Ok(_)) => Report::default(),
        Ok(Err(error)) => Report::from(unfit(config, &error)),
        Err(report) => report,
    }
}

fn unfit(config: &Config, error: &anyhow::Error) -> Diagnostic {
    // An error with a source is about the file: the file cannot be read, or is not JSON.
    let (key, help) = match error.source() {
        Some(_) => ("sample", "name a file with one JSON document"),
        None => ("fresh", "point at a text of the sample: `/track_number`, `/items/*/name`"),
    };
    config.locate("produce", &Finding::new(key, format!("{error:#}")).help(help))
}
