use l0_config::{Code, Report};

use crate::sections::{Http, Pointer, Postgres, Settings};
use crate::setup::{Setup, file, has};

#[test]
fn a_missing_variable_is_pointed_at_and_each_of_them_is_named() {
    let text = "[pipeline]\nname = \"${A}-${B:?ask the owner}\"\nworkers = \"${C}\"\n";
    let setup = file(text).variable("B", "");
    let shown = setup.shown();
    assert_eq!(setup.report().iter().count(), 3, "{shown}");
    has(&shown, &["error[E0107]: variable `A` is not set", "pipeline.toml:2:9"]);
    has(&shown, &["variable `B` is empty", "pipeline.toml:2:14", "ask the owner"]);
    has(&shown, &["variable `C` is not set", "pipeline.toml:3:12", "used by `workers`"]);
}

#[test]
fn a_malformed_reference_says_what_is_wrong_with_it() {
    for (reference, why) in [
        ("${", "the reference has no closing `}`"),
        ("${}", "a name is letters"),
        ("${1A}", "a name is letters"),
        ("${A:x}", "`:` must be followed by `-` or `?`"),
        ("${A:-${B}}", "cannot be nested"),
    ] {
        let shown = file(&format!("[pipeline]\nname = \"a{reference}\"\n"))
            .variable("A", "1")
            .one(Code::MalformedReference);
        has(&shown, &["malformed reference `${", "pipeline.toml:2:10", why, "${NAME:-default}"]);
    }
}

#[test]
fn a_reference_takes_the_type_of_its_field_or_falls_back() {
    let text = "[pipeline]\nname = \"${N}\"\nworkers = \"${W:-10}\"\nratio = \"${R:-0.5}\"\n\
        strict = \"${S:-true}\"\n";
    let settings: Settings = file(text).variable("N", "0123").variable("W", "").read("pipeline");
    assert_eq!((settings.name.as_str(), settings.workers.get()), ("0123", 10));
    assert_eq!((settings.ratio, settings.strict), (0.5, true));
    let settings: Settings = file(text).variable("N", "true").variable("W", "3").read("pipeline");
    assert_eq!((settings.name.as_str(), settings.workers.get()), ("true", 3));
}

#[test]
fn a_part_of_a_string_stays_text_and_a_doubled_dollar_is_no_reference() {
    let shown = file("[pipeline]\nname = \"o\"\nworkers = \"1${W}\"\n")
        .variable("W", "0")
        .one(Code::InvalidValue);
    has(&shown, &["found a text, `10`"]);
    let settings: Settings =
        file("[pipeline]\nname = \"$${A}-${B}\"\n").variable("B", "${A}").read("pipeline");
    assert_eq!(settings.name, "${A}-${A}");
}

#[test]
fn references_stand_in_lists_and_maps_too() {
    let http: Http =
        file("[query.http]\nsearch = [\"${A}\", \"b\"]\n").variable("A", "a").read("query.http");
    assert_eq!(http.search, ["a", "b"]);
    let text = "[sink.postgres.table.columns]\nuid = \"/${A}\"\n";
    let postgres: Postgres = file(text).variable("A", "a").read("sink.postgres");
    let table = postgres.table.unwrap();
    assert_eq!(table.columns["uid"], Pointer("/a".into()));
    assert!(table.children.is_empty());
}

#[test]
fn a_password_of_digits_stays_text_wherever_it_comes_from() {
    let password = |setup: Setup| {
        let postgres: Postgres = setup.read("sink.postgres");
        postgres.password.unwrap().expose().to_owned()
    };
    let text = "[sink.postgres]\npassword = \"${P:-none}\"\n";
    assert_eq!(password(file(text).variable("P", "0123")), "0123");
    assert_eq!(password(file(text).dot_env("P=0123\n")), "0123");
    assert_eq!(password(file(text).set("sink.postgres.password=0123")), "0123");
    assert_eq!(password(file(text).variable("L0_SINK__POSTGRES__PASSWORD", "1e3")), "1e3");
    assert_eq!(password(file("[sink.postgres]\npassword = \"0123\"\n")), "0123");
}

#[test]
fn variables_are_demanded_only_by_the_section_that_uses_them() {
    let setup = file("[pipeline]\nname = \"o\"\n[sink.postgres]\npassword = \"${P:?}\"\n");
    assert_eq!(setup.read::<Settings>("pipeline").name, "o");
    setup.one(Code::MissingVariable);
}

#[test]
fn what_is_omitted_demands_nothing_and_is_not_unknown() {
    let setup = file("[sink.postgres]\nport = 1\n[sink.postgres.migrate]\npassword = \"${P:?}\"\n");
    let config = setup.load().unwrap();
    let mut report = Report::default();
    let read: Option<Postgres> = config.section("sink.postgres", &["migrate"], &mut report);
    assert!(report.is_empty() && read.unwrap().migrate.is_none());

    let read: Option<Postgres> = config.section("sink.postgres", &[], &mut report);
    assert!(report.has_errors() && read.is_none());

    let setup = file("[sink.postgres.migrate]\npassword = \"p\"\n");
    let read: Postgres = setup.read("sink.postgres");
    assert_eq!(read.migrate.unwrap().password.expose(), "p");
}

#[test]
fn a_value_can_never_change_the_structure() {
    for hostile in ["\"\nworkers = 99\n", "\"]\n[sink.postgres]\nport=1", "${X}", "a\"b'c", "= [ {"]
    {
        let text = "[pipeline]\nname = \"${A}\"\n";
        for setup in [
            file(text).variable("A", hostile),
            file(text).set(&format!("pipeline.name={hostile}")),
            file(text).variable("L0_PIPELINE__NAME", hostile),
        ] {
            let settings: Settings = setup.read("pipeline");
            assert_eq!((settings.name.as_str(), settings.workers.get()), (hostile, 10));
            assert!(!setup.load().unwrap().has("sink"));
        }
    }
}
