use l0_testkit::hostile::{Place, Schema, Verdict};

/// Lines of each kind that a report shows.
const SHOWN: usize = 12;

/// What was wrong with a run, and how to repeat it.
pub fn report(schema: &Schema, place: &Place, verdict: &Verdict, log: &str) -> String {
    let Schema { seed, database, twists, workers, max_batch, kills, .. } = schema;
    let mut lines = vec![
        format!("seed {seed} on {database:?} with {twists:?}"),
        format!("{workers} workers, batches of {max_batch}, {kills} kills"),
    ];
    for (kind, all) in [("mistake", &verdict.mistakes), ("missing", &verdict.missing)] {
        lines.push(format!("{} times {kind}", all.len()));
        // The last line is a summary.
        let shown = all.iter().take(SHOWN).chain(all.iter().skip(SHOWN).last());
        lines.extend(shown.map(|line| format!("  {kind}: {line}")));
    }
    lines.extend(warnings(log));
    lines.extend([schema.sql(), schema.breaking(), schema.mending().join("\n")]);
    lines.push(schema.pipeline(place));
    lines.retain(|line| !line.trim().is_empty());
    lines.join("\n")
}

/// The last warnings.
fn warnings(log: &str) -> impl Iterator<Item = String> {
    let warns = |line: &&str| line.contains("WARN") || line.contains("ERROR");
    let all: Vec<_> = log.lines().filter(warns).map(str::to_owned).collect();
    let older = all.len().saturating_sub(SHOWN);
    all.into_iter().skip(older)
}
