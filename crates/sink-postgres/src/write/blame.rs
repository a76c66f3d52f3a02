//! Decides whose fault a refusal is, by what the live catalog says about the rule, in a single
//! table.
//!
//! A document is buried at once only for a rule that depends on what the document brought. The
//! decision is total and pure, and [`TABLE`] describes it. `l0-runtime explain postgres` and
//! `docs/guarantees.md` show that table.

use l0_mapping::Fault;
use l0_stage::Why;

use crate::link::refusal::Answer;
use crate::tables::rules::{Check, Rules, Source, Table};

/// The refusals, and whose fault each is.
pub(crate) const TABLE: &[(&str, &str)] = &[
    (
        "CHECK (23514 with a constraint)",
        "the document, if the rule reads any column that it fills; unclear, if the rule calls a function of the user's or reads a generated column; else the environment",
    ),
    (
        "a rule of a domain (23514 or 23502 without a table)",
        "the document, if it fills a column of that domain; unclear, if the rule calls a function of the user's, or the document fills no such column",
    ),
    (
        "a row or an index entry that is too long (54000)",
        "the document, if it fills any column of the index",
    ),
    (
        "UNIQUE, EXCLUDE (23505, 23P01)",
        "the document, if it fills every column, expression and predicate of the index, constants and the parent's id aside; unclear with a generated column; else the environment: a sequence that is behind its column",
    ),
    (
        "FOREIGN KEY (23503)",
        "the document, if it fills every column of the key; unclear, if it fills some; else the environment",
    ),
    (
        "NOT NULL (23502)",
        "the document, if it left a column empty that it fills; unclear behind a BEFORE trigger; else the environment",
    ),
    (
        "no partition takes the row (23514 without a constraint)",
        "unclear, if the document fills a column of the partition key: the date may be wrong, or the partition late; else the environment",
    ),
    ("a policy of row-level security (42501 where the table has policies)", "unclear"),
    (
        "any value (22xxx), a view's CHECK OPTION (44000), a limit of the server (54001, 54011)",
        "unclear; the environment, if a sequence has passed the type of its column (22003)",
    ),
    ("RAISE of a trigger or function (P0001, or a code of its own)", "unclear"),
    (
        "a row that is neither inserted nor found",
        "unclear: a trigger or policy kept it out without an error, or hides it",
    ),
    ("a key that a trigger changes", "unclear: it is rolled back, with its children"),
    ("a rule of a table that the mapping does not name, and everything else", "the environment"),
];

/// Classes of codes that a document can cause only through a user's function: transactions,
/// privileges, names, objects, resources, the server itself.
const OF_THE_SERVER: &[&str] = &[
    "01", "02", "03", "08", "0A", "0B", "0L", "0P", "25", "26", "28", "2B", "2D", "34", "3B", "3D",
    "3F", "40", "42", "53", "55", "57", "58", "72", "F0", "HV", "XX",
];

/// Decides whose fault a refusal is.
pub(crate) fn blame(answer: &Answer, rules: &Rules) -> Fault {
    let class = answer.code.get(..2).unwrap_or_default();
    match (answer.code.as_str(), class) {
        ("42501", _) if rules.has_policies => unclear(answer),
        ("42501", _) if !answer.in_function => Fault::Environment(Why::Denied),
        ("22003", _) if rules.is_sequence_used_up => Fault::Environment(Why::Full),
        ("54000", _) if answer.constraint.is_some() => of_a_rule(answer, rules),
        // Outside a function, only a value of a document can be too long for this limit.
        ("54000", _) if !answer.in_function => documents(answer),
        (_, "23") if answer.table.is_some() => of_a_rule(answer, rules),
        (_, "23") if answer.domain.is_some() => of_a_domain(answer, rules),
        (_, class) if OF_THE_SERVER.contains(&class) && !answer.in_function => {
            Fault::Environment(Why::Mismatch)
        }
        _ => unclear(answer),
    }
}

fn of_a_rule(answer: &Answer, rules: &Rules) -> Fault {
    let Some(table) = rules.table(answer.schema.as_deref(), answer.table.as_deref()) else {
        return Fault::Environment(Why::Mismatch);
    };
    if answer.in_function {
        return unclear(answer); // what a trigger writes is not what the document brought
    }
    let Some(name) = &answer.constraint else {
        return match answer.code.as_str() {
            "23502" => not_null(answer, table),
            "23514" => partition(answer, table),
            _ => unclear(answer),
        };
    };
    let known = match answer.code.as_str() {
        "23502" => Some(not_null(answer, table)),
        "23514" => table.checks.get(name).map(|it| check(answer, table, it)),
        "23503" => table.foreign_keys.get(name).map(|it| foreign_key(answer, &table.sources(it))),
        "54000" => table.indexes.get(name).map(|it| too_long(answer, &table.sources(it))),
        _ => table.indexes.get(name).map(|it| unique(answer, &table.sources(it))),
    };
    known.unwrap_or_else(|| unclear(answer)) // it was made a moment ago
}

fn of_a_domain(answer: &Answer, rules: &Rules) -> Fault {
    let domain = answer.domain.as_deref().unwrap_or_default();
    let sources = rules.sources_of_domain(answer.schema.as_deref(), domain);
    match !answer.in_function && sources.contains(&Source::Document) {
        true => documents(answer),
        false => unclear(answer),
    }
}

fn check(answer: &Answer, table: &Table, check: &Check) -> Fault {
    let sources = table.sources(&check.columns);
    let reads = |it| sources.contains(&it);
    match reads(Source::Document) {
        true if check.calls_function => unclear(answer),
        true => documents(answer),
        false if reads(Source::Generated) || reads(Source::Unknown) => unclear(answer),
        false => Fault::Environment(Why::Mismatch),
    }
}

/// Whose fault a NULL in a NOT NULL column is. If the document sent a value, a trigger or a
/// function must have made it NULL.
fn not_null(answer: &Answer, table: &Table) -> Fault {
    let Some(column) = &answer.column else { return unclear(answer) };
    match table.source(column) {
        _ if table.is_left_empty(column) => documents(answer),
        Source::Generated => unclear(answer),
        _ if table.has_before_trigger => unclear(answer),
        _ => Fault::Environment(Why::Mismatch),
    }
}

/// Whose fault it is that no partition takes the row. Either a partition is missing and the
/// document is good, or the document's value is wrong and must not stop other documents.
fn partition(answer: &Answer, table: &Table) -> Fault {
    let sources = table.sources(&table.partition_key);
    let from_document =
        |it: &Source| matches!(it, Source::Document | Source::Generated | Source::Unknown);
    match sources.iter().any(from_document) {
        true => unclear(answer),
        false => Fault::Environment(Why::Mismatch),
    }
}

/// Whose fault it is that an index entry is too long. The length of the entry depends on values of
/// the document.
fn too_long(answer: &Answer, sources: &[Source]) -> Fault {
    let unknown = |it: &Source| matches!(it, Source::Generated | Source::Unknown);
    match sources.contains(&Source::Document) {
        true => documents(answer),
        false if sources.iter().any(unknown) => unclear(answer),
        false => Fault::Environment(Why::Mismatch),
    }
}

fn unique(answer: &Answer, sources: &[Source]) -> Fault {
    let has = |it| sources.contains(&it);
    if has(Source::Environment) || !sources.iter().any(|it| *it != Source::Constant) {
        return Fault::Environment(Why::Mismatch);
    }
    let fault = match has(Source::Generated) || has(Source::Unknown) {
        true => unclear(answer),
        false => documents(answer),
    };
    // Rows of one document share the new id of their parent, which no other document has.
    if has(Source::Parent) { fault } else { fault.that_may_pass() }
}

fn foreign_key(answer: &Answer, sources: &[Source]) -> Fault {
    let has = |it| sources.contains(&it);
    let unknown = has(Source::Generated) || has(Source::Unknown);
    if !has(Source::Document) && !unknown {
        return Fault::Environment(Why::Mismatch);
    }
    let own = |it: &Source| matches!(it, Source::Document | Source::Constant);
    let fault = if sources.iter().all(own) { documents(answer) } else { unclear(answer) };
    fault.that_may_pass()
}

fn documents(answer: &Answer) -> Fault {
    Fault::of_document(answer.rejection(), answer.rule())
}

fn unclear(answer: &Answer) -> Fault {
    Fault::unclear(answer.rejection(), answer.rule())
}

#[cfg(test)]
mod tests;
