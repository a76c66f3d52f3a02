use l0_stage::doctor::Check;
use l0_stage::text::in_units;
use l0_stage::{Context, Finding, Query, Role, Sink, Source};

use super::{NOT_EXAMINED, OfStage, memory};
use crate::pipeline::Pipeline;
use crate::pipeline::settings::{SECTION, SHORTEST_SHUTDOWN_SECS};

/// Makes the checks that concern several stages. Returns each check with the section that it
/// belongs to.
pub(super) fn compare<'s>(pipeline: &Pipeline, stages: &'s [OfStage]) -> Vec<(&'s str, Check)> {
    let of = |role: &str| stages.iter().find(|stage| stage.role == role);
    let (source, sink, query) =
        (of(<dyn Source>::NAME), of(<dyn Sink>::NAME), of(<dyn Query>::NAME));
    let Context { workers, max_batch, .. } = pipeline.context;
    let seen = format!("is valid: {workers} workers, batches of at most {max_batch} documents");
    let mut checks = vec![(SECTION, Check::fine("configuration", seen))];
    checks.extend(sink.map(|sink| (SECTION, shutdown(pipeline, sink))));
    checks.extend(source.and_then(|source| Some((SECTION, document_size(pipeline, source)?))));
    checks.extend(memory::check(stages));
    if let (Some(sink), Some(query)) = (sink, query) {
        checks.extend(search(sink, query).into_iter().map(|check| (&*query.section, check)));
    }
    checks
}

/// Checks that `shutdown_timeout_secs` is long enough for a worker to finish its batch.
fn shutdown(pipeline: &Pipeline, sink: &OfStage) -> Check {
    let given = pipeline.settings.shutdown_timeout_secs;
    let Some(call) = sink.examination.longest_call.map(|longest| longest.as_secs()) else {
        let seen =
            format!("a drain may last {given} s; the sink does not say how long a call may take");
        return Check::fine("shutdown", seen);
    };
    let needed = SHORTEST_SHUTDOWN_SECS + call;
    if given < needed {
        let message =
            format!("an unfinished batch may take {needed} s, but a drain may last only {given} s");
        let finding = Finding::new("shutdown_timeout_secs", message);
        let help =
            format!("set it to {needed} or more; an unfinished batch is delivered again, not lost");
        return Check::warning("shutdown", finding.help(help));
    }
    Check::fine(
        "shutdown",
        format!("a drain may last {given} s, a batch in hand takes at most {needed} s"),
    )
}

fn document_size(pipeline: &Pipeline, source: &OfStage) -> Option<Check> {
    let largest = source.examination.largest_message?;
    let taken = pipeline.context.max_document_bytes;
    let units = |bytes: usize| in_units(bytes as u64);
    if taken < largest {
        let message = format!(
            "documents above {} become dead letters, but the source takes messages up to {}",
            units(taken),
            units(largest)
        );
        let help = format!("set it to {largest}, or let the source refuse such messages");
        let finding = Finding::new("max_document_bytes", message).help(help);
        return Some(Check::warning("document size", finding));
    }
    let seen = format!(
        "documents up to {}, the source takes messages up to {}",
        units(taken),
        units(largest)
    );
    Some(Check::fine("document size", seen))
}

/// Checks that the sink has an index for every field that `search` names.
fn search(sink: &OfStage, query: &OfStage) -> Vec<Check> {
    let (Some(found_by), Some(wanted)) = (&sink.examination.fields, &query.examination.fields)
    else {
        return Vec::from_iter(unknown_fields(sink, query));
    };
    let wanted: Vec<_> =
        wanted.iter().filter(|field| !sink.examination.faulty.contains(field)).collect();
    let missing = wanted.iter().filter(|field| !found_by.contains(field)).map(|field| {
        let message = format!("documents cannot be found by `{field}`: no index begins with it");
        let found_by = found_by.join("`, `");
        let help = format!(
            "add a migration with an index on this column and the id, or take it out of `search`; \
             documents are found by `{found_by}`"
        );
        Finding::new("search", message).help(help)
    });
    let seen = || match wanted.as_slice() {
        [] => "by the key alone".to_owned(),
        fields => {
            let fields: Vec<_> = fields.iter().map(|field| field.as_str()).collect();
            format!("by {}, each with an index", fields.join(", "))
        }
    };
    Check::warnings("search", missing.collect(), seen)
}

/// A warning about `search` if the sink does not examine itself.
fn unknown_fields(sink: &OfStage, query: &OfStage) -> Option<Check> {
    let is_examined = sink.examination.checks.iter().any(|check| check.name != NOT_EXAMINED);
    let wanted = query.examination.fields.as_ref().filter(|fields| !fields.is_empty())?;
    if is_examined {
        return None;
    }
    let wanted = wanted.join("`, `");
    let message = format!("the sink does not say whether documents are found by `{wanted}`");
    let finding = Finding::new("search", message);
    let help =
        "remove these fields from `search` if the log of `run` says that they cannot be found";
    Some(Check::warning("search", finding.help(help)))
}
