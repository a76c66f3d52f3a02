//! Checks whether `run` would work here: the stages examine themselves, and the engine compares
//! what concerns several stages.

mod memory;
mod whole;

use std::time::Duration;

use l0_stage::doctor::{Check, Condition, Examination};
use l0_stage::{Finding, Role as _, Sink, Source};
use serde::Serialize;
use tokio::time::timeout;

use crate::contain::Contain;
use crate::pipeline::{Pipeline, Stage, settings};
use l0_config::{Config, Diagnostic};

/// Longest examination of one stage. Its parts give up sooner.
const LOOK: Duration = Duration::from_secs(60);

/// The result of one check.
#[derive(Debug, Clone, Serialize)]
pub struct Examined {
    /// `source.nats`, or `pipeline` for a check that concerns several stages.
    pub section: String,
    /// What was checked, for example `stream`.
    pub name: &'static str,
    /// Whether it is as it should be.
    pub state: State,
    /// What was seen, or what is wrong. Secrets are removed.
    pub message: String,
    /// What is wrong, at its line of the configuration; `None` if nothing is.
    pub finding: Option<Diagnostic>,
}

impl Examined {
    /// Whether this tells of a stage whose service nothing looked at.
    #[must_use]
    pub fn is_unseen(&self) -> bool {
        self.name == NOT_EXAMINED
    }
}

/// The state of what was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// As it should be.
    Fine,
    /// `run` works, but a person should know.
    Warning,
    /// `run` would not work.
    Trouble,
    /// The service does not answer.
    Unreachable,
}

/// Examines everything that a pipeline needs. Changes nothing anywhere.
pub async fn examine(pipeline: &Pipeline, config: &Config) -> Vec<Examined> {
    let Pipeline { source, validator, sink, query, observe, .. } = pipeline;
    let (source, validator, sink, query, observe) = tokio::join!(
        of_stage(pipeline, source.as_ref()),
        of_stage(pipeline, validator.as_ref()),
        of_stage(pipeline, sink.as_ref()),
        of_stage(pipeline, query.as_ref()),
        of_stage(pipeline, observe.as_ref()),
    );
    let stages: Vec<_> = [source, validator, sink, query, observe].into_iter().flatten().collect();
    let whole = whole::compare(pipeline, &stages);
    let checks = stages.iter().flat_map(|stage| {
        let checks = stage.examination.checks.iter();
        checks.map(|check| (stage.section.as_str(), check))
    });
    let checks: Vec<_> = checks.chain(whole.iter().map(|(section, it)| (*section, it))).collect();
    let sections =
        [settings::SECTION].into_iter().chain(stages.iter().map(|it| it.section.as_str()));
    let ordered = sections.flat_map(|section| checks.iter().filter(move |it| it.0 == section));
    ordered.map(|(section, check)| located(config, section, check)).collect()
}

/// What one stage found.
struct OfStage {
    role: &'static str,
    section: String,
    examination: Examination,
}

async fn of_stage<S: Contain + ?Sized>(
    pipeline: &Pipeline,
    stage: Option<&Stage<S>>,
) -> Option<OfStage> {
    let stage = stage?;
    let looked = timeout(LOOK, stage.examine(&pipeline.context)).await;
    let mut examination = looked.unwrap_or_else(|_| {
        let finding = Finding::new("", format!("no answer within {} s", LOOK.as_secs()));
        let finding = finding.help("look at the service behind this stage");
        let condition = Condition::Unreachable(finding);
        vec![Check { name: "answer", condition }].into()
    });
    if examination.checks.is_empty() {
        examination.checks.push(not_examined(S::NAME, stage.summary()));
    }
    Some(OfStage { role: S::NAME, section: stage.section.clone(), examination })
}

/// Of a stage that does not examine itself. Reading the section looks at all that a validator or a
/// query stage needs, but not at the service of a source or a sink.
fn not_examined(role: &str, summary: String) -> Check {
    let has_service = role == <dyn Source>::NAME || role == <dyn Sink>::NAME;
    match has_service {
        true => Check::fine(NOT_EXAMINED, format!("{summary}: this kind has no examination")),
        false => Check::fine("checked", summary),
    }
}

/// The name of the one check of a stage that does not look at its service.
const NOT_EXAMINED: &str = "not looked at";

/// Places a check at its line of the configuration.
#[must_use]
pub fn located(config: &Config, section: &str, check: &Check) -> Examined {
    let (state, finding) = match &check.condition {
        Condition::Fine(seen) => {
            let message = config.printable(seen);
            let (section, name) = (section.to_owned(), check.name);
            return Examined { section, name, state: State::Fine, message, finding: None };
        }
        Condition::Warning(finding) => (State::Warning, finding),
        Condition::Trouble(finding) => (State::Trouble, finding),
        Condition::Unreachable(finding) => (State::Unreachable, finding),
    };
    let located = config.locate(section, finding);
    let located = if state == State::Warning { located.into_warning() } else { located };
    Examined {
        section: section.to_owned(),
        name: check.name,
        state,
        message: located.message.clone(),
        finding: Some(located),
    }
}
