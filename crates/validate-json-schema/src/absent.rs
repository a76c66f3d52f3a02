//! Help for a schema file that cannot be read.

use std::fs;
use std::path::Path;

/// The file that was probably meant, if a file in the same folder has nearly its name.
pub(crate) fn help(path: &Path) -> String {
    let start = "a relative `schema` starts at the folder of the configuration";
    match nearest(path) {
        Some(name) => format!("did you mean `{name}`, in the same folder? {start}"),
        None if path.is_file() => "allow this user to read the file".to_owned(),
        None => format!("name a file with a JSON Schema; {start}"),
    }
}

/// The most letters that a slip may change: a third of them (the measure of rustc).
fn nearest(path: &Path) -> Option<String> {
    let wanted = path.file_name()?.to_str()?;
    let most = wanted.chars().count().max(3) / 3;
    let files = fs::read_dir(path.parent()?).ok()?.flatten().filter(|entry| entry.path().is_file());
    let names = files.filter_map(|entry| entry.file_name().into_string().ok());
    let slips = names.map(|name| (strsim::osa_distance(wanted, &name), name));
    // If the file itself exists and cannot be read, no other was meant.
    slips.filter(|(slips, _)| *slips <= most).min().filter(|(slips, _)| *slips > 0).map(|it| it.1)
}
