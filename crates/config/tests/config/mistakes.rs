use std::fs;

use l0_config::{Code, Severity};
use l0_stage::Finding;

use crate::setup::{file, has};

#[test]
fn a_misspelt_key_looks_like_an_error_of_cargo() {
    let setup = file("# orders\n[pipeline]\nname = \"orders\"\nworkrs = 10\n");
    assert_eq!(
        setup.one(Code::UnknownField),
        "error[E0102]: unknown field `workrs` in [pipeline]
 --> pipeline.toml:4:1
  |
4 | workrs = 10
  | ^^^^^^ not a field of this section
help: did you mean `workers`?
"
    );
}

#[test]
fn a_key_like_no_other_lists_the_keys_there_are() {
    let shown = file("[pipeline]\nname = \"o\"\ncolour = 1\n").one(Code::UnknownField);
    has(&shown, &["pipeline.toml:3:1", "known names: `name`, `workers`, `ratio`, `strict`"]);
}

#[test]
fn color_is_asked_for() {
    let report = file("[pipeline]\nname = \"o\"\nworkrs = 1\n").report();
    assert!(report.render(true).contains('\u{1b}'));
    assert!(!report.render(false).contains('\u{1b}'));
}

#[test]
fn a_misspelt_section_names_the_nearest() {
    let shown =
        file("[pipelin]\nname = \"o\"\n[pipeline]\nname = \"o\"\n").one(Code::UnknownSection);
    has(&shown, &["unknown section [pipelin]", "pipeline.toml:1:2", "did you mean `pipeline`?"]);
}

#[test]
fn a_key_outside_of_any_section_is_found() {
    let shown = file("workers = 3\n[pipeline]\nname = \"o\"\n").one(Code::UnknownField);
    has(&shown, &["unknown field `workers` outside of any section", "pipeline.toml:1:1"]);
}

#[test]
fn a_misspelt_kind_names_the_nearest() {
    let shown = file("[pipeline]\nname = \"o\"\n[sink.postgrs]\nport = 1\n").one(Code::UnknownKind);
    has(&shown, &["unknown kind of sink `postgrs`", "3 | [sink.postgrs]", "      ^^^^^^^"]);
    has(&shown, &["did you mean `postgres`?"]);
}

#[test]
fn a_role_without_its_kind_is_one_mistake_and_a_key_beside_the_kind_another() {
    let text = "[pipeline]\nname = \"o\"\n[sink]\nport = 1\nuser = 2\n";
    let shown = file(text).one(Code::InvalidValue);
    has(&shown, &["`sink` must be a table with one kind", "pipeline.toml:3:1"]);
    has(&shown, &["write [sink.postgres], or another of the kinds `postgres`, `sqlite`"]);
    let shown =
        file(&format!("{text}[sink.postgres]\n").replace("user = 2\n", "")).one(Code::UnknownField);
    has(&shown, &["unknown field `port` in [sink]", "write [sink.postgres]"]);
}

#[test]
fn two_kinds_of_one_role_are_both_named() {
    let text = "[pipeline]\nname = \"o\"\n[sink.sqlite]\n[sink.postgres]\nport = 1\n";
    let shown = file(text).one(Code::SeveralKinds);
    has(&shown, &["`postgres`, `sqlite`", "pipeline.toml:4:1", "keep one of them"]);
}

#[test]
fn a_word_a_negative_a_zero_a_fraction_and_too_much_are_no_number_of_workers() {
    for (value, found) in [
        ("\"ten\"", "found a text, `ten`"),
        ("-1", "found a number, `-1`"),
        ("0", "found a number, `0`"),
        ("1.5", "found a number, `1.5`"),
        ("99999999999999999999", "too large, `99999999999999999999`"),
        ("99999999999999999999999999999999999999999999", "found a number, `1000000"),
        ("true", "found a boolean, `true`"),
        ("[1]", "found a list"),
    ] {
        let shown =
            file(&format!("[pipeline]\nname = \"o\"\nworkers = {value}\n")).one(Code::InvalidValue);
        has(&shown, &["`workers` in [pipeline] must be a whole number of 1 or more"]);
        has(&shown, &["pipeline.toml:3:11", found]);
    }
}

#[test]
fn a_number_out_of_range_names_the_range() {
    for port in ["-1", "65536"] {
        let shown = file(&format!("[pipeline]\nname = \"o\"\n[sink.postgres]\nport = {port}\n"))
            .one(Code::InvalidValue);
        has(&shown, &["`port` in [sink.postgres] must be a whole number from 0 to 65535", port]);
    }
}

#[test]
fn quotes_around_a_number_and_none_around_a_text_are_told_apart() {
    let shown = file("[pipeline]\nname = \"o\"\nworkers = \"10\"\n").one(Code::InvalidValue);
    has(&shown, &["write it without quotes"]);
    let shown = file("[pipeline]\nname = 7\n").one(Code::InvalidValue);
    has(
        &shown,
        &["`name` in [pipeline] must be a text", "found a number, `7`", "write it in quotes"],
    );
}

#[test]
fn a_choice_lists_what_may_be_chosen() {
    let shown = file("[pipeline]\nname = \"o\"\n[sink.postgres]\ntls = \"verify-ful\"\n")
        .one(Code::InvalidValue);
    has(&shown, &["must be one of `prefer`, `verify-full`", "did you mean `verify-full`?"]);
}

#[test]
fn a_pointer_without_a_slash_is_shown_at_its_line_in_a_list_of_tables() {
    let text = "[pipeline]\nname = \"o\"\n[sink.postgres.table.columns]\nuid = \"/uid\"\n\
        [[sink.postgres.table.children]]\nname = \"a\"\neach = \"/a\"\n\
        [[sink.postgres.table.children]]\nname = \"b\"\neach = \"b\"\n";
    let shown = file(text).one(Code::InvalidValue);
    has(&shown, &["invalid `each` in [[sink.postgres.table.children]]", "pipeline.toml:10:8"]);
    has(&shown, &["`b` must start with `/`"]);
}

#[test]
fn an_unclosed_quote_and_a_key_twice_are_both_found() {
    let shown = file("[pipeline]\nname = \"o\nworkers = 1\nworkers = 2\n").shown();
    has(&shown, &["error[E0109]: invalid TOML: a quote is not closed", "pipeline.toml:2:10"]);
    has(&shown, &["invalid TOML: duplicate key `workers`", "pipeline.toml:4:1"]);
}

#[test]
fn a_section_twice_is_found() {
    let shown = file("[pipeline]\nname = \"o\"\n[pipeline]\nworkers = 2\n").one(Code::InvalidToml);
    has(&shown, &["section `pipeline` appears twice", "pipeline.toml:3:2", "below one header"]);
}

#[test]
fn a_bracket_that_is_not_closed_is_one_mistake_at_its_beginning() {
    let text = "[pipeline]\nname = \"o\"\n[query.http]\nsearch = [\"a\"\n\n[produce]\nsample = 1\n";
    let shown = file(text).one(Code::InvalidToml);
    has(&shown, &["`[` is not closed", "pipeline.toml:4:10", "add `]`"]);
}

#[test]
fn a_misspelt_key_that_must_be_there_is_one_mistake() {
    file("[pipeline]\nnam = \"o\"\n").one(Code::UnknownField);
    file("[pipelines]\nname = \"o\"\n").one(Code::UnknownSection);
}

#[test]
fn a_missing_key_points_at_the_header_of_its_section() {
    let shown =
        file("[pipeline]\nname = \"o\"\n[source.nats]\nsubject = \"s\"\n").one(Code::MissingField);
    has(&shown, &["missing `stream` in [source.nats]", "3 | [source.nats]\n  | ^^^^^^^^^^^^^ "]);
}

#[test]
fn a_missing_section_with_a_required_key_is_told_against_the_file() {
    let shown = file("# empty\n").one(Code::MissingField);
    has(&shown, &["missing `name` in [pipeline]", "--> pipeline.toml:1:1", "write [pipeline]"]);
}

#[test]
fn all_mistakes_are_shown_at_once_in_the_order_of_the_file() {
    let text = "[pipeline]\nworkers = 0\nstrict = 1\nnam = \"o\"\n[source.nats]\nsubject = \"${S}\"\n\
        url = 5\nlast = true\n";
    let setup = file(text);
    let found: Vec<_> = setup.report().iter().map(|d| (d.code, d.line)).collect();
    assert_eq!(
        found,
        [
            (Code::InvalidValue, Some(2)),
            (Code::InvalidValue, Some(3)),
            (Code::UnknownField, Some(4)),
            (Code::MissingField, Some(5)),
            (Code::MissingVariable, Some(6)),
            (Code::InvalidValue, Some(7)),
            (Code::UnknownField, Some(8)),
        ],
        "{}",
        setup.shown()
    );
}

#[test]
fn a_file_that_cannot_be_read_says_why_and_what_to_do() {
    let mut setup = file("");
    setup.inputs.file = setup.folder.path().join("absent.toml");
    let shown = setup.one(Code::UnreadableFile);
    has(&shown, &["absent.toml` does not exist", "run with -c FILE, or create it"]);
    setup.inputs.file = setup.folder.path().to_owned();
    has(&setup.one(Code::UnreadableFile), &["is a directory", "-c FILE"]);
    let setup = file("");
    fs::write(&setup.inputs.file, b"[pipeline]\nname = \"\xff\"\n").unwrap();
    has(&setup.one(Code::UnreadableFile), &["pipeline.toml` is not UTF-8: see line 2"]);
}

#[test]
fn a_finding_of_a_stage_stands_at_its_entry() {
    let setup = file("[source.nats]\nstream = \"S\"\nsubject = \"s\"\n");
    let config = setup.load().unwrap();
    let finding = Finding::new("stream", "stream `S` not found").help("create it");
    let diagnostic = config.locate("source.nats", &finding);
    assert_eq!(diagnostic.severity, Severity::Error);
    assert_eq!(
        setup.without_folder(&diagnostic.to_string()),
        "error[E0113]: stream `S` not found
 --> pipeline.toml:2:1
  |
2 | stream = \"S\"
  | ^^^^^^^^^^^^
help: create it"
    );
    let absent = config.locate("source.nats", &Finding::new("durable.name", "no durable"));
    has(&absent.to_string(), &["1 | [source.nats]", "the key is `source.nats.durable.name`"]);
}

#[test]
fn every_code_has_a_number_of_its_own_and_a_meaning() {
    let texts: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert!(texts.is_sorted_by(|a, b| a < b), "{texts:?}");
    assert!(Code::ALL.iter().all(|code| code.meaning().ends_with('.')));
}
