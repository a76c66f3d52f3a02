use l0_config::Inputs;

use crate::elsewhere;
use crate::page::{Block, Page, read, root};

/// The programs with which a line begins that a reader should type.
const PROGRAMS: [&str; 9] =
    ["$ ", "make ", "l0-runtime ", "cargo ", "curl ", "docker", "scripts/", "target/", "psql "];

#[test]
fn each_block_is_of_a_kind_that_somebody_checks() {
    let mut wrong = Vec::new();
    for page in Page::all() {
        for block in page.blocks() {
            if let Err(error) = check(&page, &block) {
                wrong.push(format!("{}:{}: {error}", page.path, block.line));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn check(page: &Page, block: &Block) -> Result<(), String> {
    let text = block.text();
    match block.language.as_str() {
        "console" => Ok(()),
        "text" if elsewhere::proves("text", page) => Ok(()),
        "text" => match block.lines.iter().find(|line| is_typed(line)) {
            Some(line) => Err(format!("`{line}` is to be typed: that is a block ```console")),
            None => Ok(()),
        },
        "json" => serde_json::from_str::<serde_json::Value>(&text).map(drop).map_err(shown),
        "toml" => toml_is_true(page, &text),
        "rust" | "rust,no_run" if is_crate_doc(page) => Ok(()),
        language if elsewhere::proves(language, page) => Ok(()),
        language => Err(format!("no test checks a block of `{language}`")),
    }
}

fn shown(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn is_typed(line: &str) -> bool {
    let is_subject = line.starts_with("$JS.");
    !is_subject && PROGRAMS.iter().any(|program| line.starts_with(program))
}

/// Whether `cargo test` compiles its blocks.
fn is_crate_doc(page: &Page) -> bool {
    let Some(folder) = page.path.strip_suffix("/README.md") else { return false };
    ["lib.rs", "main.rs"].iter().any(|file| {
        let source = std::fs::read_to_string(root().join(folder).join("src").join(file));
        source.is_ok_and(|text| text.contains("#![doc = include_str!(\"../README.md\")]"))
    })
}

/// A whole pipeline must be valid. A part must be a part of the shipped pipeline.
fn toml_is_true(page: &Page, text: &str) -> Result<(), String> {
    if elsewhere::proves("toml", page) {
        return Ok(());
    }
    let table: toml::Table = toml::from_str(text).map_err(shown)?;
    if table.contains_key("pipeline") {
        return validate(text);
    }
    let shipped: toml::Table = toml::from_str(&read("pipeline.toml")).map_err(shown)?;
    is_part(&table, &shipped, "")
}

fn validate(text: &str) -> Result<(), String> {
    let file = tempfile::NamedTempFile::new_in(root().join("examples")).map_err(shown)?;
    std::fs::write(&file, text).map_err(shown)?;
    let inputs = Inputs { file: file.path().to_owned(), ..Inputs::default() };
    l0_runtime::check(inputs, &l0_runtime::registry()).map(drop).map_err(shown)
}

/// `[[tests]]`
fn is_sections(values: &[toml::Value]) -> bool {
    values.iter().all(toml::Value::is_table)
}

fn is_part(part: &toml::Table, whole: &toml::Table, above: &str) -> Result<(), String> {
    for (key, value) in part {
        let name = format!("{above}{key}");
        let known = whole.get(key).ok_or_else(|| format!("pipeline.toml has no `{name}`"))?;
        match (value, known) {
            (toml::Value::Table(part), toml::Value::Table(whole)) => {
                is_part(part, whole, &format!("{name}."))?;
            }
            (toml::Value::Array(parts), toml::Value::Array(wholes)) if is_sections(parts) => {
                for part in parts.iter().filter_map(toml::Value::as_table) {
                    let wholes = wholes.iter().filter_map(toml::Value::as_table);
                    let mut tried = wholes.map(|whole| is_part(part, whole, &format!("{name}.")));
                    if !tried.any(|tried| tried.is_ok()) {
                        return Err(format!("pipeline.toml has no [[{name}]] with all of {part}"));
                    }
                }
            }
            (value, known) if value == known => {}
            (value, known) => {
                return Err(format!("`{name}` is {known} in pipeline.toml, not {value}"));
            }
        }
    }
    Ok(())
}
