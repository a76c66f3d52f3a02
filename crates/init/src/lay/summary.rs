//! The text for the user: what was written, what was decided and why, and what to do next.

use std::path::Path;

use super::choice::Choice;
use super::config;
use super::files::Files;
use super::plan::{Existing, Missing, Plan};
use crate::learn::decide::Key;
use crate::learn::kind::Kind;
use crate::learn::samples::Samples;
use crate::{pointer, toml};

/// The text for the shipped pipeline.
pub fn shipped(files: &Files, folder: &Path) -> String {
    let next = [
        "cp .env.example .env && l0-runtime validate",
        "l0-runtime migrate && l0-runtime run",
        "l0-runtime produce",
    ];
    let what = "  the shop orders: NATS JetStream, Postgres; --from FILE makes a pipeline of your messages\n";
    format!("{}{what}{}", written(files, folder), self::next(folder, &next))
}

/// The text for a pipeline that was learned from samples.
pub fn learned(
    files: &Files,
    folder: &Path,
    choice: &Choice,
    plan: &Plan,
    key: &Key,
    samples: &Samples,
) -> String {
    let mut lines = vec![seen(samples), table(plan)];
    lines.push(format!("  key     {}: {}\n", key.of.shown(), key.reason));
    lines.extend(key.warning.iter().map(|warning| format!("  warning {warning}\n")));
    match &plan.existing {
        Some(existing) => lines.extend(of_existing(plan, existing)),
        None => lines.extend(json(plan).into_iter().chain(guessed(plan))),
    }
    lines.extend(left_out(plan));
    let first = match folder.join(".env").exists() {
        true => "l0-runtime validate",
        false => "cp .env.example .env && l0-runtime validate",
    };
    let next = match (choice.sink.template.needs_service, &plan.existing) {
        (false, None) => ["l0-runtime validate", "l0-runtime run", "l0-runtime produce"],
        (false, Some(_)) => ["l0-runtime validate", "l0-runtime test --database", "l0-runtime run"],
        (true, None) => [first, "l0-runtime migrate && l0-runtime run", "l0-runtime produce"],
        (true, Some(_)) => {
            [first, "l0-runtime migrate && l0-runtime test --database", "l0-runtime run"]
        }
    };
    format!("{}{}{}", written(files, folder), lines.concat(), self::next(folder, &next))
}

fn written(files: &Files, folder: &Path) -> String {
    let place =
        if folder == Path::new(".") { String::new() } else { format!(" in {}", folder.display()) };
    format!("wrote{place}: {}\n", files.names().join(", "))
}

fn seen(samples: &Samples) -> String {
    let (count, cut) = (samples.messages.len(), samples.cut);
    let all = if cut { ", the first of more" } else { "" };
    format!("  samples {count}{all}\n")
}

fn table(plan: &Plan) -> String {
    let children = plan.children.iter().map(|child| {
        let each = toml::comment(&pointer::of(&child.path));
        format!("; {} with one row per element of {each}", child.table)
    });
    let children: String = children.collect();
    format!("  tables  {}: {} columns of the document{children}\n", plan.table, plan.columns.len())
}

/// The text about decisions that the samples do not prove.
fn guessed(plan: &Plan) -> Option<String> {
    let of_children = plan.children.iter().flat_map(|child| &child.columns);
    let columns = plan.columns.iter().chain(of_children);
    let numbers = columns.filter(|column| column.kind == Kind::Number);
    let numbers: Vec<_> = numbers.map(|column| column.name.clone()).collect();
    let what = "integers here, so fractions fit too; if none may come, narrow the type in the \
                migration and in the JSON Schema";
    (!numbers.is_empty()).then(|| format!("  guessed {}: {what}\n", few(&numbers)))
}

/// What a person should look at in the mapping of tables that exist.
fn of_existing(plan: &Plan, existing: &Existing) -> Vec<String> {
    let of_children = plan.children.iter().flat_map(|child| &child.columns);
    let columns = plan.columns.iter().chain(of_children);
    let guesses = columns.filter(|it| it.existing.as_ref().is_some_and(|it| it.is_guess));
    let guesses = guesses.map(|it| format!("{} = {}", it.name, config::value(it)));
    let own = plan.own.of_message.iter().map(|(column, value, _)| format!("{column} = {value}"));
    let guesses: Vec<_> = guesses.chain(own).collect();
    let guessed = (!guesses.is_empty()).then(|| {
        format!("  guessed {}; pipeline.toml is where to change it\n", guesses.join(", "))
    });
    let missing = existing.missing.iter().map(|Missing { table, column, declared }| {
        format!(
            "  missing {table}.{column} ({}) must have a value, and no member fits it by name and value: \
             nothing is stored until pipeline.toml fills it\n",
            toml::comment(declared)
        )
    });
    let unfilled = existing
        .unfilled
        .iter()
        .map(|(table, why)| format!("  unused  {table} refers to {}, but {why}\n", plan.table));
    let misfits = existing
        .misfits
        .iter()
        .map(|it| format!("  misfit  {it}; such a message becomes a dead letter\n"));
    let doubtful = existing.is_doubtful.then(|| {
        format!(
            "  trigger of {} or a child of it may change what is stored: nothing is stored until the \
             section has a `document` column, or a text column with `@digest`\n",
            plan.table
        )
    });
    guessed.into_iter().chain(missing).chain(misfits).chain(doubtful).chain(unfilled).collect()
}

/// The columns that hold JSON, by name.
fn json(plan: &Plan) -> Option<String> {
    let kept = plan.columns.iter().filter(|column| column.kind != Kind::Number);
    let kept = kept.filter_map(|column| Some((&column.name, column.note()?)));
    let kept: Vec<_> = kept.map(|(name, note)| format!("{name} ({note})")).collect();
    (!kept.is_empty()).then(|| format!("  kept    {}\n", few(&kept)))
}

fn left_out(plan: &Plan) -> Option<String> {
    let kept = match plan.own.document {
        Some(_) => "only in the document",
        None => "not stored",
    };
    let left_out: Vec<_> = plan.left_out.iter().map(|pointer| toml::comment(pointer)).collect();
    (!left_out.is_empty()).then(|| format!("  without a column, {kept}: {}\n", few(&left_out)))
}

fn few(names: &[String]) -> String {
    const MOST: usize = 5;
    let shown = names.iter().take(MOST).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(MOST) {
        0 => shown,
        others => format!("{shown} and {others} others"),
    }
}

fn next(folder: &Path, commands: &[&str; 3]) -> String {
    let place =
        if folder == Path::new(".") { String::new() } else { format!(", in {}", folder.display()) };
    format!("next{place}:\n  {}", commands.join("\n  "))
}
