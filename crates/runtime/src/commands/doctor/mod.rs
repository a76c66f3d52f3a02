mod instance;
mod report;

use l0_config::Diagnostic;
use l0_engine::{Examined, Needs, State, examine};
use serde_json::json;

use crate::answer::Answer;
use crate::check::sample_problems;
use crate::cli::Cli;
use crate::exit::{Exit, Problem};

/// Checks whether `run` would work here. Looks at everything that `run` needs, and changes nothing.
pub async fn doctor(cli: &Cli) -> Result<Answer, Exit> {
    let (config, pipeline) = cli.load(Needs::RUN)?;
    let sample = sample_problems(&config);
    if !sample.is_empty() {
        return Err(cli.invalid(&sample));
    }
    let (mut examined, found) =
        tokio::join!(instance::look(&pipeline, &config), examine(&pipeline, &config));
    examined.extend(found);
    let count = |state: State| examined.iter().filter(|check| check.state == state).count();
    let tally = Tally {
        all: examined.len(),
        warnings: count(State::Warning),
        troubles: count(State::Trouble),
        unreachable: count(State::Unreachable),
        unseen: examined.iter().filter(|check| check.is_unseen()).count(),
    };
    let text = report::render(&examined, cli.quiet, cli.colored_stdout());
    let result = json!({
        "checks": examined,
        "fine": count(State::Fine),
        "warnings": tally.warnings,
        "troubles": tally.troubles,
        "unreachable": tally.unreachable,
    });
    let answer = Answer::data(text).saying(tally.summary(cli.quiet || cli.json)).with(result);
    Ok(match tally.exit_code() {
        0 => answer,
        code => answer.failing(code, problem(&tally, examined)),
    })
}

struct Tally {
    all: usize,
    warnings: usize,
    troubles: usize,
    unreachable: usize,
    /// The number of stages whose service was not examined.
    unseen: usize,
}

impl Tally {
    /// The exit code. An unreachable service decides it, because it may be the cause of all other
    /// problems.
    fn exit_code(&self) -> u8 {
        match self {
            Self { unreachable: 1.., .. } => 3,
            Self { troubles: 1.., .. } => 1,
            _ => 0,
        }
    }

    fn summary(&self, briefly: bool) -> String {
        let Self { all, warnings, troubles, unreachable, unseen } = *self;
        let counted = |count: usize, one: &str, many: &str| match count {
            0 => None,
            1 => Some(format!("1 {one}")),
            count => Some(format!("{count} {many}")),
        };
        let parts = [
            counted(unreachable, "service unreachable", "services unreachable"),
            counted(troubles, "trouble", "troubles"),
            counted(warnings, "warning", "warnings"),
        ];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        let verdict = match self.exit_code() {
            0 if unseen > 0 => "nothing that was looked at keeps `run` from working",
            0 => "`run` would work here",
            _ => "`run` would not work here yet",
        };
        match parts.as_slice() {
            [] if unseen > 0 => format!("{all} checks, {unseen} not looked at: {verdict}"),
            [] => format!("{all} checks, all fine: {verdict}"),
            parts => {
                let hint = if briefly { "" } else { "; -q shows these alone" };
                format!("{all} checks, {}: {verdict}{hint}", parts.join(", "))
            }
        }
    }
}

/// The error of `--json`: what keeps `run` from working, without the warnings.
fn problem(tally: &Tally, examined: Vec<Examined>) -> Problem {
    let wrong = examined.into_iter().filter(|check| check.state != State::Warning);
    let findings: Vec<Diagnostic> = wrong.filter_map(|check| check.finding).collect();
    let code = findings.first().map(|finding| finding.code.as_str());
    Problem { code, message: tally.summary(true), findings }
}
