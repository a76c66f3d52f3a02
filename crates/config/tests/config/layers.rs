use std::fs;
use std::path::PathBuf;

use l0_config::{Code, Config, Inputs};

use crate::secrets::CANARY;
use crate::sections::{Http, Nats, Pointer, Postgres, Settings, Tls};
use crate::setup::{Setup, file, has};

#[test]
fn a_section_arrives_with_its_values_defaults_and_absences() {
    let text = "[source.nats]\nstream = \"S\"\nsubject = \"s\"\n[sink.postgres]\ntls = \"verify-full\"\n\
        port = 0x1_F\n[sink.postgres.table]\ncolumns = {}\n[[sink.postgres.table.children]]\n\
        name = \"items\"\neach = \"/items\"\n";
    let nats: Nats = file(text).read("source.nats");
    assert_eq!((nats.stream, nats.subject, nats.url), ("S".into(), "s".into(), None));
    let postgres: Postgres = file(text).read("sink.postgres");
    assert_eq!((postgres.port, postgres.tls), (31, Tls::VerifyFull));
    assert!(postgres.seed.is_none());
    let child = &postgres.table.unwrap().children[0];
    assert_eq!((child.name.as_str(), &child.each), ("items", &Pointer("/items".into())));
}

#[test]
fn the_file_of_variables_never_overrides_the_environment() {
    let setup = file("[pipeline]\nname = \"${A}${B}\"\n")
        .dot_env("# names\nA=file\nexport B=\"file\"\n")
        .variable("A", "real");
    assert_eq!(setup.read::<Settings>("pipeline").name, "realfile");
    assert!(std::env::var_os("B").is_none());
}

#[test]
fn a_named_file_of_variables_replaces_the_one_beside_the_file_and_must_exist() {
    let mut setup = file("[pipeline]\nname = \"${A}\"\n").dot_env("A=beside\n");
    let other = setup.folder.path().join("other.env");
    setup.inputs.env_file = Some(other.clone());
    has(&setup.one(Code::InvalidEnvFile), &["other.env` does not exist"]);
    fs::write(other, "A=named\r\n").unwrap();
    assert_eq!(setup.read::<Settings>("pipeline").name, "named");
}

#[test]
fn a_malformed_line_of_variables_is_named_but_not_shown() {
    let setup =
        file("[pipeline]\nname = \"o\"\n").dot_env(format!("A=1\n\n{CANARY} x\nB='{CANARY}\n"));
    let shown = setup.shown();
    has(&shown, &["error[E0111]: malformed line", ".env:3:1", ".env:4:1", "expected NAME=value"]);
    assert!(!shown.contains(CANARY));
    let shown = file("").dot_env(b"A=\xff\n").one(Code::InvalidEnvFile);
    has(&shown, &[".env` is not UTF-8"]);
}

#[test]
fn an_l0_variable_wins_over_the_file_and_set_over_both() {
    let workers = |setup: Setup| setup.read::<Settings>("pipeline").workers.get();
    let text = "[pipeline]\nname = \"o\"\nworkers = 1\n";
    let variable = || file(text).variable("L0_PIPELINE__WORKERS", "2");
    assert_eq!(workers(file(text)), 1);
    assert_eq!(workers(file(text).dot_env("L0_PIPELINE__WORKERS=2\n")), 2);
    assert_eq!(workers(variable()), 2);
    assert_eq!(workers(variable().set("pipeline.workers=3").set("pipeline.workers=4")), 4);
}

#[test]
fn an_override_can_add_a_section_and_a_list_and_is_never_expanded() {
    let setup = file("").set("pipeline.name=${A}").set("query.http.search=[\"a\", \"b\"]");
    assert_eq!(setup.read::<Settings>("pipeline").name, "${A}");
    assert_eq!(setup.read::<Http>("query.http").search, ["a", "b"]);
    assert_eq!(setup.load().unwrap().kinds("query"), ["http"]);
}

#[test]
fn a_value_from_outside_says_where_it_came_from() {
    let text = "[pipeline]\nname = \"o\"\nworkers = \"${W:-1}\"\n";
    let shown = file(text).variable("W", "ten").one(Code::InvalidValue);
    has(&shown, &["pipeline.toml:3:11", "found a text, `ten`", "from variable `W`"]);
    let shown = file(text).dot_env("\nW=ten\n").one(Code::InvalidValue);
    has(&shown, &["pipeline.toml:3:11", "from .env:2 (variable `W`)"]);
    let shown = file(text).set("pipeline.workers=ten").one(Code::InvalidValue);
    has(&shown, &["pipeline.toml:3:11", "from `--set`, which overrides this line"]);
    let shown = file("[pipeline]\nname = \"o\"\n")
        .variable("L0_PIPELINE__WORKERS", "ten")
        .one(Code::InvalidValue);
    has(&shown, &["found a text, `ten`", "from variable `L0_PIPELINE__WORKERS`"]);
}

#[test]
fn a_misspelt_override_is_found() {
    let setup = || file("[pipeline]\nname = \"o\"\n[query.http]\nsearch = []\n");
    let shown = setup().set("pipeline.workrs=1").one(Code::UnknownField);
    has(&shown, &["from `--set`", "did you mean `workers`?"]);
    let shown = setup().variable("L0_PIPELIN__WORKERS", "1").one(Code::UnknownSection);
    has(&shown, &["[pipelin]", "from variable `L0_PIPELIN__WORKERS`"]);
    for argument in ["pipeline.workers", "=1", ".=1", "pipeline..workers=1"] {
        has(&setup().set(argument).one(Code::InvalidOverride), &["`--set` number 1"]);
    }
    setup().variable("L0_PIPELINE__", "1").one(Code::InvalidOverride);
    let shown = setup().set("query.http.search.0=x").one(Code::InvalidOverride);
    has(&shown, &["a key below `query.http.search`, which is not a table"]);
}

#[test]
fn variables_that_only_look_like_overrides_are_left_alone() {
    let setup =
        file("[pipeline]\nname = \"o\"\n").variable("L0_LOG", "1").variable("XL0_A__B", "1");
    assert!(setup.report().is_empty(), "{}", setup.shown());
}

#[test]
fn relative_paths_start_at_the_folder_of_the_file() {
    let setup = file("");
    assert_eq!(setup.load().unwrap().base(), setup.folder.path());
    let inputs = Inputs { file: PathBuf::from("tests/no-such.toml"), ..Inputs::default() };
    assert!(Config::load(inputs).is_err());
}
