//! `pipeline.toml` and `.env.example` of a new pipeline.

use l0_stage::existing::Reading;

use super::choice::Choice;
use super::column::Column;
use super::expected;
use super::plan::{Child, Key, Own, Plan};
use crate::learn::kind::Kind;
use crate::learn::tree::Json;
use crate::offer::Offer;
use crate::{pointer, toml};

/// The section `[observe]`.
const OBSERVE: &str = "[observe]                          # /livez, /readyz, /metrics and /api/status, for probes and Prometheus
listen = \"127.0.0.1:${OBSERVE_PORT:-9464}\"
";

/// A comment names this many pointers and counts the others.
const MOST_NAMED: usize = 10;

/// The configuration. `first` is the sample that `produce` publishes.
pub fn render(choice: &Choice, plan: &Plan, reason: &str, first: &Json) -> String {
    let Choice { source, validator, sink, query, .. } = choice;
    let section = |offer: &Offer| choice.fill(offer.template.section);
    let sections = [
        head(choice, plan),
        section(source),
        validator.as_ref().map(section).unwrap_or_default(),
        section(sink),
        table(choice, plan, reason),
        columns(choice, plan),
        plan.children
            .iter()
            .map(|child| self::child(choice, plan, child))
            .collect::<Vec<_>>()
            .join("\n"),
        query.as_ref().map(|query| searching(&section(query), plan)).unwrap_or_default(),
        OBSERVE.to_owned(),
        produce(choice, plan, first),
        expected::test(choice, plan, first),
    ];
    let sections: Vec<_> = sections.into_iter().filter(|section| !section.is_empty()).collect();
    sections.join("\n")
}

/// The section of the sink with a table that maps nothing. A variable that it demands may be absent.
pub fn asking(choice: &Choice) -> String {
    let section = choice.fill(choice.sink.template.section).replace(":?}", ":-}");
    let table = format!("[sink.{}.table]", choice.sink.kind);
    format!("{section}\n{table}\nname = \"-\"\nid = \"id\"\nkey = \"id\"\ncolumns = {{}}\n")
}

/// Every variable of the configuration with its default.
pub fn environment(choice: &Choice) -> String {
    let head = "# Copy to .env what you change. Variables of the environment override that file.\n";
    let Choice { source, validator, sink, query, .. } = choice;
    let passwords = match sink.template.environment.contains("PASSWORD") {
        true => {
            "# The passwords are for development on this machine only: change them anywhere else.\n"
        }
        false => "",
    };
    let stages = [Some(sink), Some(source), validator.as_ref(), query.as_ref()];
    let stages = stages.into_iter().flatten().map(|offer| offer.template.environment);
    let parts = stages.chain([include_str!("rest.env")]).filter(|part| !part.is_empty());
    let parts: String = parts.map(|part| format!("\n{}", choice.fill(part))).collect();
    format!("{head}{passwords}{parts}")
}

fn head(choice: &Choice, plan: &Plan) -> String {
    let Choice { name, tables, .. } = choice;
    let workers = format!("workers = \"${{WORKER_QUANTITY:-{}}}\"", tables.workers);
    format!(
        "#:schema ./pipeline.schema.json
# {name}: {}. Made by `l0-runtime init` from samples{}.
# ${{NAME:-default}} takes the variable NAME from the environment or from .env; ${{NAME:?}} demands it.

[pipeline]
name = {}
{}max_batch = 500
shutdown_timeout_secs = \"${{WORKER_SHUTDOWN_TIME_SECONDS:-25}}\"
{}",
        choice.titles(),
        if plan.existing.is_some() { " and a table that exists" } else { "" },
        toml::string(name),
        toml::line(&workers, tables.why_so_few),
        toml::line(
            "log_stored = \"batches\"",
            "a line per batch with ids and keys; \"summary\": one per minute",
        ),
    )
}

fn table(choice: &Choice, plan: &Plan, reason: &str) -> String {
    let names: Vec<_> = plan.key_names().into_iter().map(toml::string).collect();
    let key =
        if let [name] = &names[..] { name.clone() } else { format!("[{}]", names.join(", ")) };
    let Own { id, document, stored, .. } = &plan.own;
    let lines = [
        format!("[sink.{}.table]\n", choice.sink.kind),
        toml::line(&format!("name = {}", toml::string(&plan.table)), ""),
        toml::line(&format!("id = {}", toml::string(id)), "the sequential id of /get-json?id=N"),
        format!("# The key was {reason}.\n"),
        toml::line(&format!("key = {key}"), "the same key twice is one document"),
        own("document", document.as_ref(), "the payload exactly as published"),
        own("stored", stored.as_ref(), "when it was committed; the database fills it"),
    ];
    lines.concat()
}

fn own(key: &str, column: Option<&String>, what: &str) -> String {
    let line = |column: &String| toml::line(&format!("{key} = {}", toml::string(column)), what);
    column.map(line).unwrap_or_default()
}

fn columns(choice: &Choice, plan: &Plan) -> String {
    let header = format!("[sink.{}.table.columns]", choice.sink.kind);
    let header = toml::line(&header, "column = JSON pointer; the type is the database's");
    let mapped: String = plan.columns.iter().map(column).collect();
    let of_message = |column: &str, value: &str, what: &str| {
        toml::line(&format!("{} = {}", toml::key(column), toml::string(value)), what)
    };
    let key = match &plan.key {
        Key::Message(column, value) => of_message(column, value, "what identifies the message"),
        Key::Columns(_) => String::new(),
    };
    let others = plan.own.of_message.iter();
    let others: String =
        others.map(|(column, value, what)| of_message(column, value, what)).collect();
    let missing = missing(plan, &plan.table);
    format!("{header}{mapped}{key}{others}{missing}{}", left_out(plan))
}

fn column(column: &Column) -> String {
    let text = format!("{} = {}", toml::key(&column.name), value(column));
    toml::line(&text, &toml::comment(&column.note().unwrap_or_default()))
}

/// What fills a column, as the section takes it.
pub fn value(column: &Column) -> String {
    let pointer = toml::string(&pointer::of(&column.path));
    match column.existing.as_ref().map_or(Reading::Plain, |existing| existing.reading) {
        Reading::Plain => pointer,
        Reading::Epoch(unit) => format!("{{ value = {pointer}, unit = \"{unit}\" }}"),
        Reading::Hexadecimal => format!("{{ value = {pointer}, encoding = \"hex\" }}"),
    }
}

fn left_out(plan: &Plan) -> String {
    let pointers = &plan.left_out;
    if pointers.is_empty() {
        return String::new();
    }
    let named: Vec<_> = pointers.iter().take(MOST_NAMED).map(|it| toml::comment(it)).collect();
    let others = pointers.len() - named.len();
    let others = if others > 0 { format!(" and {others} others") } else { String::new() };
    let why = match (&plan.existing, &plan.own.document) {
        (None, _) => "Too many for columns, so only in the document",
        (Some(_), Some(_)) => "No column fits these members, so they are only in the document",
        (Some(_), None) => "No column fits these members, so they are not stored",
    };
    format!("# {why}: {}{others}\n", named.join(", "))
}

/// Columns that a person must fill before anything is stored.
fn missing(plan: &Plan, table: &str) -> String {
    let missing = plan.existing.iter().flat_map(|existing| &existing.missing);
    let missing = missing.filter(|missing| missing.table == table).map(|missing| {
        let text = format!("# {} = \"/\"", toml::key(&missing.column));
        let declared = toml::comment(&missing.declared);
        toml::line(&text, &format!("{declared} NOT NULL: name the member that fills it"))
    });
    missing.collect()
}

fn child(choice: &Choice, plan: &Plan, child: &Child) -> String {
    let kind = choice.sink.kind;
    let each = pointer::of(&child.path);
    let header = format!("[[sink.{kind}.table.children]]");
    let header = toml::line(&header, &format!("one row per element of {}", toml::comment(&each)));
    let columns: String = child.columns.iter().map(column).collect();
    let missing = missing(plan, &child.table);
    format!(
        "{header}name = {}\nparent = {}\neach = {}\n\n[sink.{kind}.table.children.columns]\n{columns}{missing}",
        toml::string(&child.table),
        toml::string(&child.parent),
        toml::string(&each),
    )
}

/// The section of the query stage, with the columns that it searches.
fn searching(section: &str, plan: &Plan) -> String {
    let fields: Vec<_> = plan.search.iter().map(|(name, _)| toml::string(name)).collect();
    let search = format!("search = [{}]", fields.join(", "));
    let search = toml::line(&search, "columns that documents are found by; each has an index");
    section.replace("{search}\n", &search)
}

fn produce(choice: &Choice, plan: &Plan, first: &Json) -> String {
    let header = toml::line("[produce]", "`l0-runtime produce`");
    let sample = format!("sample = {}\n", toml::string(&choice.sample_file()));
    let is_text = |key: &&&Column| {
        key.kind == Kind::Text && matches!(first.get(&key.path), Some(Json::Text(_)))
    };
    let fresh = match (&plan.key, plan.key_columns().iter().rfind(is_text)) {
        (_, Some(key)) => {
            let fresh = format!("fresh = [{}]", toml::string(&pointer::of(&key.path)));
            toml::line(&fresh, "a new value in each message")
        }
        (Key::Message(_, "@id"), None) => String::new(),
        (_, None) => {
            "# no `fresh`, which makes new texts: this key is none, and the same sample again is a \
              duplicate\n"
                .to_owned()
        }
    };
    format!("{header}{sample}{fresh}")
}
