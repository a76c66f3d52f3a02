use l0_source_file::FileConfig;
use l0_stage::Plugin;

use crate::support::{Folder, context};

fn findings(folder: &Folder, path: &str) -> Vec<String> {
    let found = FileConfig { path: path.to_owned() }.check(&context(folder.path()));
    found.into_iter().map(|finding| format!("{}: {}", finding.key, finding.message)).collect()
}

#[test]
fn the_example_is_complete_and_right() {
    let example: toml::Table = toml::from_str(FileConfig::EXAMPLE).expect("example.toml");
    let section = example["source"]["file"].clone();
    let config: FileConfig = section.try_into().expect("section");
    let folder = Folder::with(&[]);
    assert_eq!(config.check(&context(folder.path())), []);
    assert_eq!(config.summary(), "file orders/*.jsonl");
}

#[test]
fn a_path_is_a_file_a_pattern_or_a_dash() {
    let folder = Folder::with(&[("a[b.jsonl", b"{}")]);
    for right in ["a[b.jsonl", "absent.jsonl", "*.jsonl", "**/[a-c]?.jsonl", "-"] {
        assert_eq!(findings(&folder, right), [""; 0], "{right}");
    }
    assert_eq!(findings(&folder, ""), ["path: `path` is empty"]);
    let malformed = findings(&folder, "a[");
    assert!(malformed[0].starts_with("path: pattern `a[` is malformed: "), "{malformed:?}");
    assert_eq!(FileConfig { path: "-".to_owned() }.summary(), "standard input");
}
