//! Pipelines composed of the sections of the examples.

use std::path::{Path, PathBuf};

use crate::stack::root;

/// The text of a file in `examples/`.
pub fn example(name: &str) -> String {
    std::fs::read_to_string(root().join("examples").join(name)).unwrap()
}

/// Its sections from the first that begins with `from` to the first that begins with `to`, or to
/// the end.
fn sections(name: &str, from: &str, to: &str) -> String {
    let text = example(name);
    let start = text.find(&format!("\n[{from}.")).unwrap();
    let length = text[start..].find(&format!("\n[{to}.")).unwrap_or(text.len() - start);
    text[start..start + length].to_owned()
}

/// The `[source.*]` of an example.
pub fn source(example: &str) -> String {
    sections(example, "source", "validate")
}

/// The `[sink.*]` of an example, and everything below it.
pub fn sink(example: &str) -> String {
    sections(example, "sink", "query")
}

/// Writes `pipeline.toml` with these sections, and with the others that it needs, into a folder.
pub fn write(folder: &Path, source: &str, sink: &str) -> PathBuf {
    let around = sections("http-to-sqlite.toml", "validate", "sink");
    let query = sections("http-to-sqlite.toml", "query", "end").replace(":8080", ":0");
    let text =
        format!("[pipeline]\nname = \"composed\"\nworkers = 2\n{source}{around}{sink}{query}");
    // Its folder is another, but the files that it names are the same.
    let text = text.replace("\"../", &format!("\"{}/", root().display()));
    let file = folder.join("pipeline.toml");
    std::fs::write(&file, text).unwrap();
    file
}
