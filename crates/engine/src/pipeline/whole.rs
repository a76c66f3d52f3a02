use l0_stage::text::{is_printable, printable};
use l0_stage::{Finding, Source};

use super::Stage;
use super::needs::{Needs, SINK};
use super::settings::{SECTION, SHORTEST_SHUTDOWN_SECS, Settings};
use l0_config::{Config, Report};

/// Makes the checks that concern the pipeline as a whole: its name, a source without a sink, the
/// time of a drain.
pub(super) fn check_whole(
    config: &Config,
    settings: Option<&Settings>,
    source: Option<&Stage<dyn Source>>,
    has_sink: bool,
    needs: Needs,
    report: &mut Report,
) {
    if let Some(settings) = settings.filter(|it| !it.name.chars().all(is_printable)) {
        let message = format!("`{}` has invisible characters", printable(&settings.name));
        let finding = Finding::new("name", message).help("write the name as plain text");
        report.push(config.locate(SECTION, &finding));
    }
    if let (Some(source), false, true) = (source, has_sink, needs.roles.contains(&SINK)) {
        let finding = Finding::new(
            "",
            "the pipeline has a source but no sink, so its messages cannot be stored",
        );
        let finding = finding.help("add a [sink.*] section, or remove the section of the source");
        report.push(config.locate(&source.section, &finding));
    }
    if settings.is_some_and(|settings| settings.shutdown_timeout_secs < SHORTEST_SHUTDOWN_SECS) {
        let message = format!("a drain needs at least {SHORTEST_SHUTDOWN_SECS} seconds");
        let finding = Finding::new("shutdown_timeout_secs", message)
            .help("an open request of the source takes up to 2 seconds to end");
        report.push(config.locate(SECTION, &finding));
    }
}
