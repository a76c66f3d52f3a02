//! Checks for `doctor` whether `run` would work: each stage examines itself, and the engine checks
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

/// The timeout of the examination of one stage. The single checks of a stage have shorter timeouts.
const LOOK: Duration = Duration::from_secs(60);

/// The result of one check by `l0-runtime doctor`.
#[derive(Debug, Clone, Serialize)]
pub struct Examined {
    /// The section of the examined stage, such as `source.nats`. It is `pipeline` for a check that
    /// concerns several stages.
    pub section: String,
    /// What was checked, for example `stream`.
    pub name: &'static str,
    /// Whether the checked thing is as it should be.
    pub state: State,
    /// What was seen, or what is wrong, without secrets.
    pub message: String,
    /// What is wrong, at its line of the configuration. `None` if the check found nothing wrong.
    pub finding: Option<Diagnostic>,
}

impl Examined {
    /// Whether this result says that the stage's service was not checked, because the stage has no
    /// examination.
    #[must_use]
    pub fn is_unseen(&self) -> bool {
        self.name == NOT_EXAMINED
    }
}

/// The state of what was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// The checked thing is as it should be.
    Fine,
    /// `l0-runtime run` works, but an operator should know of the finding.
    Warning,
    /// `l0-runtime run` would not work.
    Trouble,
    /// The service of the stage does not answer.
    Unreachable,
}

/// Examines everything that a pipeline needs, without changing anything.
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

/// What one stage found when it examined itself.
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

/// The only check of a stage that does not examine itself. For a validator or a query stage,
/// reading its section has already checked everything. For a source or a sink it has not, because
/// their services were not asked.
fn not_examined(role: &str, summary: String) -> Check {
    let has_service = role == <dyn Source>::NAME || role == <dyn Sink>::NAME;
    match has_service {
        true => Check::fine(
            NOT_EXAMINED,
            format!("{summary}: this kind of stage has no check of its service"),
        ),
        false => Check::fine("checked", summary),
    }
}

/// The name of the check that stands for a source or sink without an examination.
const NOT_EXAMINED: &str = "not looked at";

/// Turns a check into a result that points at the line of the check's key.
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
