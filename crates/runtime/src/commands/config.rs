use std::fmt::Write as _;

use clap::Subcommand;
use l0_config::Config;
use l0_stage::observe::Setting;
use l0_stage::text::printable;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::cli::Cli;
use crate::exit::Exit;

/// What to look at.
#[derive(Debug, Subcommand)]
pub enum ConfigAction {
    /// Show every value that is set and where it came from; secrets are hidden
    Show,
    /// Print the JSON Schema of `pipeline.toml` with the kinds that this binary has, for editors
    Schema,
}

/// Shown in place of a secret.
const HIDDEN: &str = "(hidden)";
/// Values wider than this do not widen their column.
const WIDEST: usize = 60;

/// Shows every value that is set and where it came from. No variable needs to be set.
pub fn show(cli: &Cli) -> Result<Answer, Exit> {
    let config =
        Config::load(cli.inputs(&cli.config, &[])).map_err(|report| cli.invalid(&report))?;
    let settings = config.settings();
    let result: Vec<_> = settings.iter().map(json).collect();
    let summary = "a key that is not shown has the default of its stage: \
                   `l0-runtime explain KIND` lists them";
    Ok(Answer::data(table(&settings)).saying(summary).with(json!({"settings": result})))
}

/// Prints the schema for editors. A configuration names it in its first line:
/// `#:schema ./pipeline.schema.json`.
pub fn schema(cli: &Cli) -> Answer {
    let schema = l0_engine::schema(&cli.registry);
    Answer::data(format!("{schema:#}\n")).with(schema)
}

fn json(setting: &Setting) -> Value {
    let Setting { key, value, origin } = setting;
    json!({"key": key, "value": value, "hidden": value.is_none(), "origin": origin})
}

fn table(settings: &[Setting]) -> String {
    let rows: Vec<_> = settings.iter().map(row).collect();
    let key_width = width(rows.iter().map(|row| &row[0]));
    let value_width = width(rows.iter().map(|row| &row[1]));
    let mut text = String::new();
    for [key, value, origin] in &rows {
        let _ = writeln!(text, "{key:key_width$}  {value:value_width$}  {origin}");
    }
    text
}

fn row(setting: &Setting) -> [String; 3] {
    let Setting { key, value, origin } = setting;
    let value = match value.as_deref() {
        None => HIDDEN.to_owned(),
        Some("") => "\"\"".to_owned(),
        Some(value) => printable(value),
    };
    [key.clone(), value, origin.clone()]
}

fn width<'a>(cells: impl Iterator<Item = &'a String>) -> usize {
    cells.map(|cell| cell.chars().count()).filter(|width| *width <= WIDEST).max().unwrap_or(0)
}
