//! Writes a crate with a stage of the user's own. The crate compiles, and passes the first
//! conformance suites of its role.

use std::path::Path;

use serde_json::json;

use crate::Made;
use crate::lay::files::Files;

/// The request for a crate.
#[derive(Debug)]
pub struct StageRequest<'a> {
    /// One of [`ROLES`].
    pub role: &'a str,
    /// The name of the stage's section: `toy` for `[sink.toy]`.
    pub name: &'a str,
    /// The path of l0-runtime's source code, relative to the crate.
    pub checkout: &'a str,
    /// The folder of the crate, for the text that tells the user what to do next.
    pub dir: &'a Path,
}

/// The files of a crate for one role.
struct Template {
    role: &'static str,
    /// The name of the role's section.
    section: &'static str,
    example: &'static str,
    code: &'static str,
    conformance: &'static str,
    /// Lines below `l0-stage` in the manifest.
    more: &'static str,
}

macro_rules! template {
    ($role:literal, $section:literal, $more:literal) => {
        Template {
            role: $role,
            section: $section,
            example: include_str!(concat!("../templates/", $role, "/example.toml")),
            code: include_str!(concat!("../templates/", $role, "/lib.rs")),
            conformance: include_str!(concat!("../templates/", $role, "/conformance.rs")),
            more: $more,
        }
    };
}

const TEMPLATES: [Template; 3] = [
    template!("sink", "sink", ""),
    template!("source", "source", "\ntokio = { version = \"1\", features = [\"time\"] }"),
    template!("validator", "validate", ""),
];

/// The roles that a crate can be written for.
pub const ROLES: [&str; 3] = ["sink", "source", "validator"];

/// The files of the crate, in a folder with the name of the crate.
///
/// # Errors
/// A text for the user: the role is unknown, or the name cannot name a stage.
pub fn crate_of_stage(request: &StageRequest<'_>) -> Result<Made, String> {
    let StageRequest { role, name, checkout, dir } = request;
    let template = TEMPLATES.iter().find(|template| template.role == *role);
    let template = template
        .ok_or_else(|| format!("`{role}` is not a role\nhelp: one of {}", ROLES.join(", ")))?;
    if !is_plain(name) {
        let help = "lowercase letters, digits and `_`, a letter first: `parquet`";
        return Err(format!("`{name}` cannot be the name of a section\nhelp: {help}"));
    }
    let own = format!("{role}-{}", name.replace('_', "-"));
    let files = render(template, name, &own, checkout);
    let folder = dir.join(&own);
    let summary = format!(
        "{} files in {}: [{}.{name}]\nnext: cargo test, there\n",
        files.names().len(),
        folder.display(),
        template.section
    );
    let result = json!({"dir": folder.display().to_string(), "files": files.names()});
    Ok(Made { files, summary, result })
}

fn render(template: &Template, name: &str, own: &str, checkout: &str) -> Files {
    let fill = |text: &str| {
        let text = text.replace("sample_name", name).replace("SampleName", &in_camel_case(name));
        let text = text.replace("sample_crate", &own.replace('-', "_")).replace("{crate}", own);
        let text = text.replace("{checkout}", checkout).replace("{more}", template.more);
        text.replace("{role}", template.section)
    };
    let mut files = Files::default();
    for (path, text) in [
        ("Cargo.toml", include_str!("../templates/Cargo.toml.txt")),
        ("README.md", include_str!("../templates/README.md.txt")),
        ("example.toml", template.example),
        ("src/lib.rs", template.code),
        ("tests/conformance.rs", template.conformance),
    ] {
        files.add(format!("{own}/{path}"), fill(text));
    }
    files
}

fn is_plain(name: &str) -> bool {
    let is_of_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(is_of_name)
}

fn in_camel_case(name: &str) -> String {
    let word = |word: &str| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_uppercase() + rest
    };
    name.split('_').map(word).collect()
}
