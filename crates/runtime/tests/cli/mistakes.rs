//! The text of every class of mistakes, as files beside this one. Each text names the file, the
//! line, the key, and what to do. `L0_BLESS=1` renews them; read what changed.

use crate::folder::{Folder, assert_text};

/// A mistake: its name, the right text, and what a user wrote instead.
struct Mistake {
    name: &'static str,
    file: &'static str,
    old: &'static str,
    new: &'static str,
    set: &'static [&'static str],
}

const fn edit(name: &'static str, old: &'static str, new: &'static str) -> Mistake {
    Mistake { name, file: "pipeline.toml", old, new, set: &[] }
}

const fn env(name: &'static str, old: &'static str, new: &'static str) -> Mistake {
    Mistake { name, file: ".env", old, new, set: &[] }
}

const fn set(name: &'static str, set: &'static [&'static str]) -> Mistake {
    Mistake { name, file: "pipeline.toml", old: "", new: "", set }
}

const WORKERS: &str = "workers = \"${WORKER_QUANTITY:-10}\"";
const BATCH: &str = "max_batch = 500";
const PIPELINE: &str = "[pipeline]\nname = \"orders\"\nworkers = \"${WORKER_QUANTITY:-10}\"\n\
    max_batch = 500\nshutdown_timeout_secs = \"${WORKER_SHUTDOWN_TIME_SECONDS:-25}\"\n";
const SUBJECT: &str = "subject = \"${NATS_SUBJECT:-order}\"";
const CHILDREN: &str = "each = \"/items\"";

const MISTAKES: &[Mistake] = &[
    edit("key_misspelt", BATCH, "max_bach = 500"),
    edit("key_like_no_other", BATCH, "color = \"red\""),
    edit("key_outside_of_a_section", "[pipeline]", "max_batch = 5\n[pipeline]"),
    edit("key_below_another_header", "[query.http]", "[query.http]\nworkers = 4"),
    edit("key_twice", BATCH, "max_batch = 500\nmax_batch = 100"),
    edit("key_missing", "stream = \"${NATS_STREAM:-ORDERS}\"\n", ""),
    edit("section_misspelt", "[produce]", "[prodcue]"),
    edit("section_misspelt_with_a_key_that_must_be_there", "[pipeline]", "[pipelines]"),
    edit("section_missing", PIPELINE, ""),
    edit("section_twice", "[produce]", "[query.http]\nlisten = \"localhost:1\"\n[produce]"),
    edit("kind_misspelt", "[source.nats]", "[source.natz]"),
    edit("kind_not_named", "[source.nats]", "[source]"),
    edit("kinds_two_of_one_role", "[query.http]", "[sink.sqlite]\npath = \"a.db\"\n\n[query.http]"),
    edit("number_a_word", BATCH, "max_batch = \"many\""),
    edit("number_without_quotes_a_word", BATCH, "max_batch = many"),
    edit("number_in_quotes", BATCH, "max_batch = \"500\""),
    edit("number_negative", BATCH, "max_batch = -1"),
    edit("number_zero", BATCH, "max_batch = 0"),
    edit("number_fraction", BATCH, "max_batch = 1.5"),
    edit("number_overflow", BATCH, "max_batch = 99999999999999999999"),
    edit("number_out_of_range", "port = \"${PG_PORT:-5432}\"", "port = 65536"),
    env("number_a_word_in_a_variable", "WORKER_QUANTITY=10", "WORKER_QUANTITY=ten"),
    set("number_a_word_in_set", &["--set", "pipeline.workers=ten"]),
    edit("text_a_number", "name = \"orders\"\nworkers", "name = 7\nworkers"),
    edit("subject_a_number", SUBJECT, "subject = 7"),
    edit("subjects_with_a_number", SUBJECT, "subject = [\"order\", 7]"),
    edit("subjects_that_overlap", SUBJECT, "subject = [\"order.*\", \"order.eu\"]"),
    edit("name_not_seen", "name = \"orders\"\nworkers", "name = \"or\\u202Eders\"\nworkers"),
    edit("text_without_quotes", "static_dir = \"static\"", "static_dir = static"),
    edit("quote_unclosed", "static_dir = \"static\"", "static_dir = \"static"),
    edit(
        "bracket_unclosed",
        "search = [\"order_uid\", \"track_number\"]",
        "search = [\"order_uid\"",
    ),
    env("variable_missing", "PG_PASSWORD_WORKER=development-only-worker\n", ""),
    env("variables_missing_three", "PG_PASSWORD_", "PG_PASS_"),
    edit("reference_malformed", WORKERS, "workers = \"${WORKER-QUANTITY}\""),
    edit("reference_unclosed", WORKERS, "workers = \"${WORKER_QUANTITY\""),
    edit("pointer_without_slash", "brand = \"/brand\"", "brand = \"brand\""),
    edit("pointer_of_children_without_slash", CHILDREN, "each = \"items\""),
    edit("metadata_unknown", "\"@published\"", "\"@publised\""),
    edit("key_column_not_mapped", "key = \"track_number\"", "key = \"track_no\""),
    edit("schema_absent", "schemas/order.schema.json", "schemas/orders.schema.json"),
    edit("sample_absent", "sample = \"schemas/order.", "sample = \"schemas/orders."),
    edit("sample_without_the_pointer", "[\"/track_number\"", "[\"/track_nr\""),
    edit("folder_absent", "static_dir = \"static\"", "static_dir = \"statics\""),
    edit("address_without_port", "${HTTP_HOST:-127.0.0.1}:${FRONTEND_PORT:-8080}", "localhost"),
    env("address_with_a_word_for_its_port", "FRONTEND_PORT=8080", "FRONTEND_PORT=http"),
    edit(
        "address_of_the_source",
        "nats://${NATS_HOST:-localhost}:${NATS_PORT:-4222}",
        "local host",
    ),
    edit("choice_misspelt", "tls = \"${PG_TLS:-auto}\"", "tls = \"verify-ful\""),
    edit("drain_too_short", "\"${WORKER_SHUTDOWN_TIME_SECONDS:-25}\"", "1"),
    edit("mistakes_two", BATCH, "max_bach = 500\nmax_document_bytes = \"1 MB\""),
    env("variables_malformed", "PG_HOST=localhost", "PG_HOST: localhost"),
    set("set_misspelt", &["--set", "pipeline.workrs=4"]),
    set("set_without_a_key", &["--set", "workers"]),
    set("file_absent", &["-c", "pipelin.toml"]),
];

#[test]
fn each_mistake_has_its_text() {
    for mistake in MISTAKES {
        let Mistake { name, file, old, new, set } = mistake;
        let folder = Folder::new();
        if !old.is_empty() {
            folder.replace(file, old, new);
        }
        let ran = folder.run(&[&["validate"], *set].concat());
        assert_eq!(ran.code, 2, "{name}: {}", ran.stderr);
        assert_eq!(ran.stdout, "", "{name}");
        let path = format!("crates/runtime/tests/cli/mistakes/{name}.txt");
        assert_text(&path, &folder.relative(&ran.stderr));
    }
}

#[test]
fn each_text_belongs_to_a_mistake() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/mistakes");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let known = MISTAKES.iter().any(|mistake| name == format!("{}.txt", mistake.name));
        assert!(known, "nothing makes {name}");
    }
}
