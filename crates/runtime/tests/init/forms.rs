//! Whatever form a file has, `run` reads what `init` learned from.

use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use rusqlite::Connection;

use crate::lab::Lab;

/// What a mail service sends as one body.
const EVENTS: [&str; 2] = [
    r#"{"email":"a@example.org","timestamp":1513299569,"event":"processed","category":["cat facts"],"sg_event_id":"rWVYmVk90MjZJ9iohOBa3w=="}"#,
    r#"{"email":"a@example.org","timestamp":1513299570,"event":"open","category":["cat facts"],"sg_event_id":"FOTFFO0ecsBE-zxFXfs6WA==","ip":"255.255.255.255"}"#,
];

fn pretty(event: &str) -> String {
    let event: serde_json::Value = serde_json::from_str(event).unwrap();
    format!("{event:#}")
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// The events in every form, and the documents that are stored of it.
fn forms() -> Vec<(&'static str, Vec<u8>, Vec<String>)> {
    let [one, other] = EVENTS;
    let compact = || EVENTS.map(str::to_owned).to_vec();
    let array = format!("[\n {one},\n {other}\n]\n");
    let in_lines = EVENTS.map(pretty).to_vec();
    vec![
        ("lines", format!("{one}\n{other}\n").into(), compact()),
        ("array", array.clone().into(), compact()),
        ("array in one line", format!("[{one},{other}]").into(), compact()),
        ("mark", format!("\u{feff}{one}\n{other}").into(), compact()),
        ("mark before an array", format!("\u{feff}{array}").into(), compact()),
        ("gzip", packed(array.as_bytes()), compact()),
        ("gzip of a mark", packed(format!("\u{feff}{one}\n{other}\n").as_bytes()), compact()),
        ("pretty", in_lines.join("\n").into(), in_lines.clone()),
        ("side by side", format!("{one}{other}").into(), compact()),
    ]
}

/// Exchanges the source that `init` wrote for a file.
fn read_a_file(lab: &Lab, file: &str) {
    let config = lab.read("pipeline.toml");
    let (before, after) = config.split_once("[source.http]").unwrap();
    let (_, after) = after.split_once("[validate.json_schema]").unwrap();
    let source = format!("[source.file]\npath = \"{file}\"\n\n[validate.json_schema]");
    lab.sample("pipeline.toml", &format!("{before}{source}{after}"));
}

fn stored(file: &Path) -> Vec<String> {
    let store = Connection::open(file).unwrap();
    let mut documents = store.prepare("SELECT document FROM m ORDER BY timestamp").unwrap();
    documents.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[test]
fn every_form_from_which_init_learns_is_stored_by_run_and_again_as_duplicates() {
    for (form, bytes, documents) in forms() {
        let lab = Lab::new();
        std::fs::write(lab.folder().join("m.json"), bytes).unwrap();
        lab.done(&["init", "--from", "m.json", "--key", "/sg_event_id"]);
        lab.tests_pass(&[]);
        read_a_file(&lab, "m.json");
        for told in ["stored=2 duplicate=0 buried=0", "stored=0 duplicate=2 buried=0"] {
            let ended = lab.done(&["run", "--exit-when-drained"]);
            assert!(ended.stderr.contains(told), "{form}: {}", ended.stderr);
        }
        assert_eq!(stored(&lab.folder().join("m.db")), documents, "{form}");
    }
}

#[test]
fn utf_16_is_named_by_both_with_what_to_do() {
    let lab = Lab::new();
    let text = format!("\u{feff}[{},{}]", EVENTS[0], EVENTS[1]);
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    std::fs::write(lab.folder().join("utf16.json"), utf16).unwrap();
    let told = "UTF-16, not UTF-8: convert it, for example with `iconv -f UTF-16 -t UTF-8`";
    let learned = lab.end(&["init", "--from", "utf16.json"]);
    assert_eq!(learned.code, Some(2));
    assert!(learned.stderr.contains(&format!("utf16.json: {told}")), "{}", learned.stderr);

    lab.sample("m.json", EVENTS[0]);
    lab.done(&["init", "--from", "m.json", "--key", "/sg_event_id"]);
    read_a_file(&lab, "utf16.json");
    let ended = lab.end(&["run", "--exit-when-drained"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains(&format!("`utf16.json`: {told}")), "{}", ended.stderr);
}

#[test]
fn a_sample_to_publish_may_have_any_of_these_forms_and_is_one_document() {
    let lab = Lab::new();
    lab.sample("m.json", EVENTS[0]);
    lab.done(&["init", "--from", "m.json", "--key", "/sg_event_id"]);
    let config = lab.read("pipeline.toml");
    let file = lab.folder().join("schemas/m.sample.json");
    for sample in [
        packed(EVENTS[0].as_bytes()),
        format!("\u{feff}[{}]", EVENTS[0]).into(),
        pretty(EVENTS[0]).into(),
    ] {
        std::fs::write(&file, sample).unwrap();
        lab.validate();
    }
    assert!(config.contains("[produce]"), "{config}");
    for (sample, told) in [
        (format!("[{},{}]", EVENTS[0], EVENTS[1]), "holds more than one document"),
        ("[]".to_owned(), "holds no document"),
        ("{'a':1}".to_owned(), "a single quote at line 1 column 2; JSON has double quotes"),
    ] {
        std::fs::write(&file, sample).unwrap();
        let ended = lab.end(&["validate", "--env-file", ".env.example"]);
        assert_eq!(ended.code, Some(2));
        assert!(ended.stderr.contains(told), "{}", ended.stderr);
    }
}
