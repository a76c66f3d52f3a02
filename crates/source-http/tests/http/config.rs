use l0_source_http::HttpConfig;
use l0_stage::Plugin;

use crate::support::{context, parse};

fn findings(toml: &str) -> Vec<String> {
    let found = parse(toml).check(&context());
    found.into_iter().map(|finding| format!("{}: {}", finding.key, finding.message)).collect()
}

#[test]
fn the_example_is_complete_and_shows_the_defaults() {
    let example: toml::Table = toml::from_str(HttpConfig::EXAMPLE).expect("example.toml");
    let example: HttpConfig = example["source"]["http"].clone().try_into().expect("section");
    assert_eq!(example.check(&context()), []);
    let defaults = parse("listen = '127.0.0.1:8090'");
    assert_eq!(format!("{example:?}"), format!("{defaults:?}"));
    for key in
        ["token", "token_file", "tls_cert_file", "tls_key_file", "max_pending_bytes_per_address"]
    {
        assert!(HttpConfig::EXAMPLE.contains(&format!("{key} = ")), "{key}");
    }
}

#[test]
fn it_tells_where_documents_are_posted() {
    let config = parse("listen = '0.0.0.0:8090'\ntoken = 't'");
    assert_eq!(config.summary(), "POST http://0.0.0.0:8090/documents");
    assert_eq!(config.url().as_deref(), Some("http://127.0.0.1:8090/"));
}

#[test]
fn everything_wrong_is_found_at_once() {
    let found = findings(
        "listen = '8090'\nmax_body_bytes = 0\nmax_pending_bytes = 0\nmax_pending = 0\nmax_lines = 0\n\
         answer_timeout_secs = 0\nbody_timeout_secs = 0\nmax_connections = 0\ntoken = ''",
    );
    assert_eq!(
        found,
        [
            "listen: `8090` is not host:port",
            ": `token` is empty",
            "max_body_bytes: 0 is not between 1 and 4294967295",
            "max_pending_bytes: 0 is not between 1 and 4294967295",
            "max_lines: 0 is not between 1 and 10000000",
            "max_pending: 0 is not between 1 and 10000000",
            "answer_timeout_secs: 0 is not between 1 and 3600",
            "body_timeout_secs: 0 is not between 1 and 3600",
            "max_connections: 0 is not between 1 and 1000000",
        ]
    );
    assert_eq!(findings("listen = 'localhost:1'\nmax_connections_per_address = 0"), [""; 0]);
    let share = "listen = 'localhost:1'\nmax_pending_bytes_per_address = ";
    assert_eq!(findings(&format!("{share}0")), [""; 0]);
    let found = findings(&format!("{share}9"));
    assert_eq!(found, ["max_pending_bytes_per_address: 9 is less than max_body_bytes"]);
    let found = findings("listen = 'localhost:1'\nmax_body_bytes = 10\nmax_pending_bytes = 9");
    assert_eq!(found, ["max_pending_bytes: 9 is less than max_body_bytes"]);
}

#[test]
fn a_content_type_is_a_type_and_a_subtype() {
    let found = |types: &str| findings(&format!("listen = 'localhost:1'\ncontent_types = {types}"));
    assert_eq!(found("['text/plain', 'application/x-amz-json-1.1']"), [""; 0]);
    assert_eq!(
        found("['text/plain', 'text/plain; charset=utf-8', 'json', '']"),
        [
            "content_types.1: `text/plain; charset=utf-8` is not a content type",
            "content_types.2: `json` is not a content type",
            "content_types.3: `` is not a content type",
        ]
    );
}

#[test]
fn a_certificate_and_its_key_are_given_together() {
    let found = |lines: &str| findings(&format!("listen = 'localhost:1'\n{lines}"));
    assert_eq!(
        found("tls_cert_file = 'c.pem'"),
        ["tls_cert_file: `tls_cert_file` without `tls_key_file`"]
    );
    assert_eq!(
        found("tls_key_file = 'k.pem'"),
        ["tls_key_file: `tls_key_file` without `tls_cert_file`"]
    );
    let both = "listen = 'localhost:1'\ntls_cert_file = 'c.pem'\ntls_key_file = 'k.pem'";
    assert_eq!(findings(both), [""; 0]);
    assert_eq!(parse(both).summary(), "POST https://localhost:1/documents");
    assert_eq!(parse(both).url().as_deref(), Some("https://localhost:1/"));
}

#[test]
fn off_loopback_a_token_is_required() {
    for local in ["127.0.0.1:8090", "localhost:8090", "[::1]:8090"] {
        assert_eq!(findings(&format!("listen = '{local}'")), [""; 0], "{local}");
    }
    for open in ["0.0.0.0:8090", "[::]:8090", "192.168.0.1:8090", "ingest.example:8090"] {
        let found = findings(&format!("listen = '{open}'"));
        assert_eq!(
            found,
            [format!("listen: `{open}` can be reached from outside, without a token")]
        );
        let found = findings(&format!("listen = '{open}'\ntoken = '123456789012345'"));
        assert!(found[0].contains("fewer than 16 characters"), "{found:?}");
        for token in ["token = '1234567890123456'", "token_file = '/run/secrets/token'"] {
            assert_eq!(findings(&format!("listen = '{open}'\n{token}")), [""; 0], "{open}");
        }
    }
}

#[test]
fn a_token_is_one_visible_word() {
    let found = findings("listen = 'localhost:1'\ntoken = 'a'\ntoken_file = 'f'");
    assert_eq!(found, ["token_file: `token` and `token_file` are both set"]);
    for wrong in ["two words", "with\ttab", "ключ"] {
        let found = findings(&format!("listen = 'localhost:1'\ntoken = \"{wrong}\""));
        assert_eq!(found, [": `token` has characters other than visible ASCII"]);
    }
}
