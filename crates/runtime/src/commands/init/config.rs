//! `pipeline.toml` and `.env.example` of a plan.

use super::choice::{Choice, Sink};
use super::column::{Column, Kind};
use super::plan::{Child, Plan};
use super::tree::Json;
use super::{expected, pointer, toml};

/// `[observe]`
const OBSERVE: &str = "[observe]                          # /livez, /readyz, /metrics and /api/status, for probes and Prometheus
listen = \"127.0.0.1:${OBSERVE_PORT:-9464}\"
";

/// Pointers named in a comment; the others are counted.
const MOST_NAMED: usize = 10;

/// The configuration. `first` is the sample that `produce` publishes.
pub fn render(choice: &Choice, plan: &Plan, reason: &str, first: &Json) -> String {
    let Choice { source, sink, .. } = choice;
    let sections = [
        head(choice),
        choice.fill(source.config()),
        format!("[validate.json_schema]\nschema = {}\n", toml::string(&choice.schema_file())),
        choice.fill(sink.config()),
        table(choice, plan, reason),
        columns(choice, plan),
        plan.children.iter().map(|child| self::child(choice, child)).collect::<Vec<_>>().join("\n"),
        query(plan),
        OBSERVE.to_owned(),
        produce(choice, plan, first),
        expected::test(choice, plan, first),
    ];
    let sections: Vec<_> = sections.into_iter().filter(|section| !section.is_empty()).collect();
    sections.join("\n")
}

/// Every variable of the configuration with its default.
pub fn environment(choice: &Choice) -> String {
    let head = "# Copy to .env what you change. The real environment wins over that file.\n";
    let passwords = match choice.sink {
        Sink::Postgres => {
            "# The passwords are for development on this machine alone: change them anywhere else.\n"
        }
        Sink::Sqlite => "",
    };
    let rest = include_str!("templates/rest.env");
    let parts = [choice.sink.environment(), choice.source.environment(), rest];
    let parts = parts.map(|part| format!("\n{}", choice.fill(part)));
    format!("{head}{passwords}{}", parts.concat())
}

fn head(choice: &Choice) -> String {
    let Choice { name, source, sink, .. } = choice;
    let few = match sink {
        Sink::Sqlite => "SQLite has one writer: more workers only wait for it",
        Sink::Postgres => "",
    };
    let workers = format!("workers = \"${{WORKER_QUANTITY:-{}}}\"", sink.workers());
    format!(
        "#:schema ./pipeline.schema.json
# {name}: {} -> JSON Schema -> {} -> HTTP. Made by `l0-runtime init` from samples.
# ${{NAME:-default}} takes the variable NAME from the environment or from .env; ${{NAME:?}} demands it.

[pipeline]
name = {}
{}max_batch = 500
shutdown_timeout_secs = \"${{WORKER_SHUTDOWN_TIME_SECONDS:-25}}\"
{}",
        source.title(),
        sink.title(),
        toml::string(name),
        toml::line(&workers, few),
        toml::line(
            "log_stored = \"batches\"",
            "a line per batch with ids and keys; \"summary\": one per minute",
        ),
    )
}

fn table(choice: &Choice, plan: &Plan, reason: &str) -> String {
    let key = plan.key_column().map(|key| key.name.as_str()).unwrap_or_default();
    let lines = [
        format!("[sink.{}.table]\n", choice.sink.kind()),
        toml::line(&format!("name = {}", toml::string(&plan.table)), ""),
        toml::line("id = \"id\"", "the sequential id of /get-json?id=N"),
        format!("# The key was {reason}.\n"),
        toml::line(&format!("key = {}", toml::string(key)), "the same key twice is one document"),
        toml::line("document = \"document\"", "the payload exactly as published"),
        toml::line("stored = \"stored_at\"", "when it was committed; the database fills it"),
    ];
    lines.concat()
}

fn columns(choice: &Choice, plan: &Plan) -> String {
    let header = format!("[sink.{}.table.columns]", choice.sink.kind());
    let header = toml::line(&header, "column = JSON pointer; the type is the database's");
    let mapped: String = plan.columns.iter().map(column).collect();
    let own = [
        toml::line("published_at = \"@published\"", "of the message: when the source received it"),
        toml::line("deliveries = \"@deliveries\"", "how often it had been delivered"),
    ];
    format!("{header}{mapped}{}{}", own.concat(), left_out(&plan.left_out))
}

fn column(column: &Column) -> String {
    let text =
        format!("{} = {}", toml::key(&column.name), toml::string(&pointer::of(&column.path)));
    toml::line(&text, column.note().unwrap_or_default())
}

fn left_out(pointers: &[String]) -> String {
    if pointers.is_empty() {
        return String::new();
    }
    let named: Vec<_> = pointers.iter().take(MOST_NAMED).map(|it| toml::comment(it)).collect();
    let others = pointers.len() - named.len();
    let others = if others > 0 { format!(" and {others} others") } else { String::new() };
    format!("# Too many for columns, so in the document alone: {}{others}\n", named.join(", "))
}

fn child(choice: &Choice, child: &Child) -> String {
    let kind = choice.sink.kind();
    let each = pointer::of(&child.path);
    let header = format!("[[sink.{kind}.table.children]]");
    let header = toml::line(&header, &format!("one row per element of {}", toml::comment(&each)));
    let columns: String = child.columns.iter().map(column).collect();
    format!(
        "{header}name = {}\nparent = {}\neach = {}\n\n[sink.{kind}.table.children.columns]\n{columns}",
        toml::string(&child.table),
        toml::string(&child.parent),
        toml::string(&each),
    )
}

fn query(plan: &Plan) -> String {
    let fields: Vec<_> = plan.search.iter().map(|(name, _)| toml::string(name)).collect();
    let search = format!("search = [{}]", fields.join(", "));
    format!(
        "[query.http]\nlisten = \"${{HTTP_HOST:-127.0.0.1}}:${{FRONTEND_PORT:-8080}}\"
cache_size = \"${{CACHE_SIZE:-10}}\"\n{}",
        toml::line(&search, "columns that documents are found by; each has an index"),
    )
}

fn produce(choice: &Choice, plan: &Plan, first: &Json) -> String {
    let header = toml::line("[produce]", "`l0-runtime produce`");
    let sample = format!("sample = {}\n", toml::string(&choice.sample_file()));
    let Some(key) = plan.key_column() else { return format!("{header}{sample}") };
    let is_text = matches!(first.get(&key.path), Some(Json::Text(_)));
    let fresh = match key.kind {
        Kind::Text if is_text => {
            let fresh = format!("fresh = [{}]", toml::string(&pointer::of(&key.path)));
            toml::line(&fresh, "a new value in each message")
        }
        _ => {
            "# no `fresh`, which makes new texts: this key is none, and the same sample again is a \
              duplicate\n"
                .to_owned()
        }
    };
    format!("{header}{sample}{fresh}")
}
