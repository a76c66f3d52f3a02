//! Decides whose fault a refusal is, by what the live catalog says about the rule, in a single
//! table.
//!
//! A document is buried at once only for a rule that depends on what the document brought. The
//! decision is total and pure, and [`TABLE`] describes it.

use l0_mapping::Fault;
use l0_stage::Why;

use crate::link::code::{
    self, Action, CONSTRAINT_CHECK, CONSTRAINT_FOREIGNKEY, CONSTRAINT_NOTNULL,
};
use crate::link::code::{
    CONSTRAINT_PRIMARYKEY, CONSTRAINT_ROWID, CONSTRAINT_TRIGGER, CONSTRAINT_UNIQUE,
};
use crate::link::refusal::Answer;
use crate::tables::rules::{Rule, Rules, Source, Table};

/// The refusals, and whose fault each is.
pub(crate) const TABLE: &[(&str, &str)] = &[
    (
        "UNIQUE, PRIMARY KEY (2067, 1555, 2579)",
        "the document, if it fills every column, expression and predicate of the index, constants and the parent's id aside; unclear with a generated or an empty column, or if a trigger may write to the table; else the environment: an id or a default that is behind its column",
    ),
    (
        "CHECK (275)",
        "the document, if the rule reads any column that the mapping fills; unclear, if it reads a generated column, or if a trigger may write to the table; else the environment",
    ),
    (
        "NOT NULL (1299)",
        "the document, if it left a column empty that the mapping fills; unclear, if a trigger may write to the table or the column is generated or was filled; else the environment",
    ),
    (
        "FOREIGN KEY (787), which sqlite does not name",
        "the document, if the tables have one key beside those of the children to their parent, the document fills it, and no trigger works at an insert; else unclear",
    ),
    ("RAISE of a trigger (1811)", "unclear"),
    ("a rule of a table that the mapping does not name", "unclear: a trigger wrote there"),
    ("a value of another type in a STRICT table (3091), datatype mismatch (20)", "unclear"),
    ("a value that is too big (18)", "the document"),
    (
        "an expression of a rule or of a trigger that fails (1)",
        "unclear; the environment, if the statements do not fit the tables any more",
    ),
    (
        "a row that is neither inserted nor found",
        "unclear: a trigger, or a constraint with ON CONFLICT IGNORE, kept it out without an error",
    ),
    ("a key or an id that a trigger changes", "unclear: it is rolled back, with its children"),
    ("everything else", "the environment"),
];

/// Decides whose fault a refusal is.
pub(crate) fn blame(answer: &Answer, rules: &Rules) -> Fault {
    let tables = || rules.tables.iter();
    match answer.code {
        CONSTRAINT_UNIQUE | CONSTRAINT_PRIMARYKEY | CONSTRAINT_ROWID => {
            let found = tables().flat_map(|table| named(answer, table, &table.unique));
            agreed(answer, found.map(|(table, rule)| unique(answer, table, rule)))
        }
        CONSTRAINT_CHECK if rules.checks_elsewhere.iter().any(|it| it == answer.subject()) => {
            unclear(answer)
        }
        CONSTRAINT_CHECK => {
            let found = tables().flat_map(|table| named(answer, table, &table.checks));
            agreed(answer, found.map(|(table, rule)| check(answer, table, rule)))
        }
        CONSTRAINT_NOTNULL => {
            let found = tables().flat_map(|table| named(answer, table, &table.not_null));
            agreed(answer, found.map(|(table, rule)| not_null(answer, table, rule)))
        }
        CONSTRAINT_FOREIGNKEY => foreign_key(answer, rules),
        CONSTRAINT_TRIGGER => raised(answer, rules),
        code => match (code & 0xff, code::action(code)) {
            (code::TOOBIG, _) => documents(answer),
            (code::ERROR, _) if !rules.statements_fit => Fault::Environment(Why::Mismatch),
            (_, Action::Blame) => unclear(answer),
            (_, Action::Retry(why)) => Fault::Environment(why),
        },
    }
}

/// The rules of a table that the refusal may mean.
fn named<'a>(
    answer: &'a Answer,
    table: &'a Table,
    rules: &'a [Rule],
) -> impl Iterator<Item = (&'a Table, &'a Rule)> {
    let says = move |rule: &&Rule| rule.says == answer.subject();
    rules.iter().filter(says).map(move |rule| (table, rule))
}

/// Decides by all rules that the refusal may mean. If several rules have the name, they must agree.
/// If no rule has the name, the rule belongs to another table, or was created a moment ago.
fn agreed(answer: &Answer, mut faults: impl Iterator<Item = Fault>) -> Fault {
    let first = faults.next();
    first.filter(|first| faults.all(|it| it == *first)).unwrap_or_else(|| unclear(answer))
}

fn unique(answer: &Answer, table: &Table, rule: &Rule) -> Fault {
    let sources = table.sources(&rule.columns);
    let has = |it| sources.contains(&it);
    // Rows of one document share the new id of their parent. If there is only one row, no other row
    // has that id.
    let is_orphaned = has(Source::Parent) && table.rows == Some(1);
    if has(Source::Environment) || is_orphaned || sources.iter().all(|it| *it == Source::Constant) {
        return Fault::Environment(Why::Mismatch);
    }
    // NULL equals nothing, but an expression may turn it into a value.
    let unclear_sources = [Source::Generated, Source::Unknown, Source::Nothing];
    let is_unclear = unclear_sources.into_iter().any(has) || table.may_be_written_by_trigger;
    let fault = if is_unclear { unclear(answer) } else { documents(answer) };
    if has(Source::Parent) { fault } else { fault.that_may_pass() }
}

fn check(answer: &Answer, table: &Table, rule: &Rule) -> Fault {
    let sources = table.sources(&rule.columns);
    let reads = |it| sources.contains(&it);
    if table.may_be_written_by_trigger {
        return unclear(answer);
    }
    if reads(Source::Document) || reads(Source::Nothing) {
        return documents(answer);
    }
    match reads(Source::Generated) || reads(Source::Unknown) {
        true => unclear(answer),
        false => Fault::Environment(Why::Mismatch),
    }
}

/// Whose fault a NULL in a NOT NULL column is. If the document sent a value, a trigger must have
/// made it NULL.
fn not_null(answer: &Answer, table: &Table, rule: &Rule) -> Fault {
    let has = |columns: &[String]| rule.columns.iter().any(|it| columns.contains(it));
    match table.sources(&rule.columns).first() {
        _ if table.may_be_written_by_trigger => unclear(answer),
        _ if has(&table.left_empty) => documents(answer),
        Some(Source::Generated) => unclear(answer),
        _ if has(&table.mapped) => unclear(answer),
        _ => Fault::Environment(Why::Mismatch),
    }
}

fn foreign_key(answer: &Answer, rules: &Rules) -> Fault {
    let keys = rules.tables.iter().flat_map(|table| {
        table.foreign_keys.iter().map(|columns| table.sources(columns)).collect::<Vec<_>>()
    });
    let own = |it: &Source| matches!(it, Source::Document | Source::Constant);
    let is_own = |key: &Vec<Source>| key.contains(&Source::Document) && key.iter().all(own);
    let is_written = rules.tables.iter().any(|table| table.may_be_written_by_trigger);
    let fault = match &keys.collect::<Vec<_>>()[..] {
        [key] if is_own(key) && rules.triggers.is_empty() && !is_written => documents(answer),
        _ => unclear(answer),
    };
    fault.that_may_pass()
}

fn raised(answer: &Answer, rules: &Rules) -> Fault {
    let rule = match &rules.triggers[..] {
        [trigger] => format!("trigger {trigger}"),
        _ => answer.rule(),
    };
    Fault::unclear(answer.rejection(), rule)
}

fn documents(answer: &Answer) -> Fault {
    Fault::of_document(answer.rejection(), answer.rule())
}

fn unclear(answer: &Answer) -> Fault {
    Fault::unclear(answer.rejection(), answer.rule())
}

#[cfg(test)]
mod tests;
