//! The topics of a stage's `doctor`: listed once, and shown in its README.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use l0_stage::doctor::Topic;

const BEGIN: &str = "<!-- what doctor asks; L0_BLESS=1 renews it -->\n";
const END: &str = "<!-- end -->\n";

/// Checks that the list of a stage has every topic of `src/examine/topics.rs`, or of the files in
/// `src/examine/topics/`, once, that no check is made in another way or elsewhere, and that the README shows
/// the list; with `L0_BLESS` set, renews it.
///
/// # Panics
/// One of these is not the case.
pub fn assert_topics(crate_folder: &str, topics: &[Topic]) {
    let folder = Path::new(crate_folder);
    let names: BTreeSet<_> = topics.iter().map(|topic| topic.name).collect();
    assert_eq!(names.len(), topics.len(), "two topics of a name");
    let examine = folder.join("src/examine");
    let declares = |file: &PathBuf| {
        *file == examine.join("topics.rs") || file.starts_with(examine.join("topics"))
    };
    let (declaring, others): (Vec<_>, Vec<_>) =
        files(&folder.join("src")).into_iter().partition(declares);
    let declared = declaring.iter().map(|file| read(file).matches(": Topic = Topic {").count());
    assert_eq!(topics.len(), declared.sum::<usize>(), "a topic is not in the list");
    for file in &others {
        match file.starts_with(&examine) {
            true => assert_makes_none(file),
            false => assert_knows_none(file),
        }
    }
    assert_shown(&folder.join("README.md"), &Topic::table(topics));
}

fn assert_makes_none(file: &Path) {
    for line in read(file).lines() {
        let makes = line.contains("Check {") && !line.contains("-> Check {");
        let makes = makes || line.contains("Check::") || line.contains("Topic {");
        assert!(!makes, "{}: a check that is made from no topic: {line}", file.display());
    }
}

fn assert_knows_none(file: &Path) {
    let text = read(file);
    let knows = text.contains("doctor::Check") || text.contains("doctor::{Check");
    assert!(!knows, "{}: a check that is made outside of src/examine", file.display());
}

fn assert_shown(readme: &Path, table: &str) {
    let text = read(readme);
    let parts = text.split_once(BEGIN).and_then(|(before, rest)| {
        let (shown, after) = rest.split_once(END)?;
        Some((before, shown, after))
    });
    let Some((before, shown, after)) = parts else { panic!("no {BEGIN} in {}", readme.display()) };
    if std::env::var_os("L0_BLESS").is_some() {
        let renewed = fs::write(readme, format!("{before}{BEGIN}{table}{END}{after}"));
        return renewed.unwrap_or_else(|error| panic!("{}: {error}", readme.display()));
    }
    assert_eq!(shown, table, "{} is outdated: L0_BLESS=1 renews it", readme.display());
}

/// The files of a folder, and of the folders below it.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).and_then(|entries| entries.collect::<Result<Vec<_>, _>>());
    let entries = entries.unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let below = |path: PathBuf| if path.is_dir() { files(&path) } else { vec![path] };
    entries.iter().map(fs::DirEntry::path).flat_map(below).collect()
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}
