mod report;

use clap::Args;
use l0_config::{Config, Report, quoted, suggestion};
use l0_engine::{Judgement, Needs, Pipeline, Rehearse, Tested};
use l0_stage::Error;
use serde_json::json;

use crate::answer::Answer;
use crate::cli::Cli;
use crate::exit::{Exit, Problem};

/// Options of `test`.
#[derive(Debug, Args)]
pub struct Test {
    /// Run only the tests whose name contains this text; if none does, exit with code 2
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// Store each message in temporary copies of the tables, which are dropped afterwards. Without
    /// this option `test` does not connect: it knows no types and defaults of columns, and cannot
    /// see what they refuse
    #[arg(long)]
    pub database: bool,
    /// Show the rows of every message, not only of failed tests
    #[arg(long)]
    pub show: bool,
}

/// Runs the `[[tests]]` of the configuration; stores nothing anywhere.
pub async fn test(cli: &Cli, arguments: &Test) -> Result<Answer, Exit> {
    let (config, pipeline) = cli.load(Needs::TEST)?;
    let name = arguments.name.as_deref().unwrap_or_default();
    check_name(cli, &pipeline, name)?;
    let refused = |error| refused(cli, &config, &pipeline, error);
    let mut rehearse = match arguments.database {
        true => Rehearse::with_database(&pipeline, &config).await.map_err(refused)?,
        false => Rehearse::offline(&pipeline, &config).await.map_err(refused)?,
    };
    let tested = rehearse.run(name).await.map_err(refused)?;
    Ok(answer(cli, arguments, &pipeline, &tested))
}

/// Refuses a name that no test has, so that a misspelt name does not pass as success.
fn check_name(cli: &Cli, pipeline: &Pipeline, name: &str) -> Result<(), Exit> {
    let names: Vec<_> = pipeline.tests.iter().map(|test| test.name.as_str()).collect();
    if names.is_empty() {
        return Err(Exit::usage(format!(
            "no test in {}\nhelp: add a [[tests]] section; `l0-runtime explain tests` shows one",
            cli.config.display()
        )));
    }
    if names.iter().any(|it| it.contains(name)) {
        return Ok(());
    }
    let near = suggestion(name, &names).filter(|help| help.starts_with("did you mean"));
    let help = near.unwrap_or_else(|| format!("there are {}", quoted(&names)));
    Err(Exit::usage(format!("no test has `{name}` in its name\nhelp: {help}")))
}

/// Shows findings of the live database at their lines of the file.
fn refused(cli: &Cli, config: &Config, pipeline: &Pipeline, error: Error) -> Exit {
    match (error.findings(), &pipeline.sink) {
        (Some(findings), Some(sink)) => {
            let mut report = Report::default();
            report.extend(findings.0.iter().map(|it| config.locate(&sink.section, it)));
            cli.invalid(&report)
        }
        _ => Exit::from(error),
    }
}

fn answer(cli: &Cli, arguments: &Test, pipeline: &Pipeline, tested: &[Tested]) -> Answer {
    let passed = tested.iter().filter(|it| matches!(it.verdict, Judgement::Passed)).count();
    let ignored = tested.iter().filter(|it| matches!(it.verdict, Judgement::Ignored(_))).count();
    let failed = tested.len() - passed - ignored;
    let others = pipeline.tests.len() - tested.len();
    let counted = [(ignored, "ignored"), (others, "filtered out")];
    let counted = counted.iter().filter(|(count, _)| *count > 0);
    let counted = counted.map(|(count, what)| format!(", {count} {what}"));
    let summary = format!("{passed} passed, {failed} failed{}", counted.collect::<String>());
    let text = report::render(tested, arguments.show, cli.colored_stdout());
    let result = json!({
        "tests": tested.iter().map(report::json).collect::<Vec<_>>(),
        "passed": passed,
        "failed": failed,
        "ignored": ignored,
        "filtered_out": others,
        "database": arguments.database,
    });
    let answer = Answer::data(text).saying(&summary).with(result);
    match failed {
        0 => answer,
        _ => answer.failing(1, Problem { code: None, message: summary, findings: Vec::new() }),
    }
}
