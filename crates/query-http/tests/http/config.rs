use std::fs;
use std::path::Path;

use l0_query_http::HttpConfig;
use l0_stage::{Error, Plugin};

use crate::support::{config, context};

fn findings(toml: &str) -> Vec<String> {
    let base = tempfile::tempdir().expect("folder");
    fs::create_dir(base.path().join("empty")).expect("folder");
    let found = config(toml).check(&context(base.path()));
    found.into_iter().map(|finding| format!("{}: {}", finding.key, finding.message)).collect()
}

#[test]
fn the_example_is_the_defaults_written_out() {
    #[derive(serde::Deserialize)]
    struct File {
        query: Query,
    }
    #[derive(serde::Deserialize)]
    struct Query {
        http: HttpConfig,
    }
    let file: File = toml::from_str(HttpConfig::EXAMPLE).expect("example.toml");
    let example = file.query.http;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    assert_eq!(example.check(&context(&root)), []);

    let mut defaults = config("listen = '127.0.0.1:8080'");
    defaults.static_dir.clone_from(&example.static_dir);
    assert_eq!(format!("{example:?}"), format!("{defaults:?}"));
}

#[test]
fn everything_wrong_is_found_at_once() {
    let found = findings(
        "listen = 'nonsense'\nhosts = ['http://a']\ntrusted_proxies = ['10.0.0.0/33']\ncache_max_bytes = 0\nmax_connections = 0\nstatic_dir = 'absent'\n\
         header_timeout_secs = 0\nsend_timeout_secs = 0\nhandler_timeout_secs = 3601",
    );
    assert_eq!(
        found,
        [
            "listen: `nonsense` is not host:port",
            "hosts: `http://a` is not a host name",
            "trusted_proxies: `10.0.0.0/33` is neither an address nor a network",
            "cache_max_bytes: 0 is not between 1 and 18446744073709551615",
            "max_connections: 0 is not between 1 and 1000000",
            "header_timeout_secs: 0 is not between 1 and 3600",
            "send_timeout_secs: 0 is not between 1 and 3600",
            "handler_timeout_secs: 3601 is not between 1 and 3600",
            "static_dir: folder `absent` not found",
        ]
    );
}

#[test]
fn a_token_is_one_and_is_never_shown() {
    let section = "listen = 'localhost:0'\n";
    let found = |lines: &str| findings(&format!("{section}{lines}"));
    assert_eq!(found("token = 'sesame'"), [""; 0]);
    assert_eq!(
        found("token = 'a'\ntoken_file = 'b'"),
        ["token_file: `token` and `token_file` are both set"]
    );
    assert_eq!(
        found("token = 'open sesame'"),
        [": `token` has characters other than visible ASCII"]
    );
    assert_eq!(found("token = ''"), [": `token` is empty"]);
    assert!(!format!("{:?}", config(&format!("{section}token = 'sesame'"))).contains("sesame"));
}

#[test]
fn off_loopback_a_token_is_not_to_be_guessed() {
    let found = |lines: &str| findings(&format!("listen = '0.0.0.0:0'\n{lines}"));
    let short = ": `token` has fewer than 16 characters, and other machines may try to guess it";
    assert_eq!(found("token = '123456789012345'"), [short]);
    assert_eq!(found("token = '1234567890123456'"), [""; 0]);
    assert_eq!(found(""), [""; 0]);
}

#[test]
fn a_certificate_and_its_key_are_given_together_as_files() {
    let found = |lines: &str| findings(&format!("listen = 'localhost:0'\n{lines}"));
    assert_eq!(
        found("tls_cert_file = 'c.pem'"),
        ["tls_cert_file: `tls_cert_file` without `tls_key_file`"]
    );
    assert_eq!(
        found("tls_key_file = 'k.pem'"),
        ["tls_key_file: `tls_key_file` without `tls_cert_file`"]
    );
    assert_eq!(found("tls_cert_file = 'c.pem'\ntls_key_file = 'k.pem'"), [""; 0]);
    let itself = ": `tls_cert_file` and `tls_key_file` name files, and one holds PEM itself";
    let key = "tls_key_file = '-----BEGIN PRIVATE KEY-----MC4C'";
    assert_eq!(found(&format!("tls_cert_file = 'c.pem'\n{key}")), [itself]);
}

#[tokio::test]
async fn off_loopback_a_token_file_is_held_to_the_same() {
    let base = tempfile::tempdir().expect("folder");
    fs::write(base.path().join("token"), "short").expect("file");
    let config = config("listen = '0.0.0.0:0'\ntoken_file = 'token'");
    let error = config.connect(&context(base.path())).await.err().expect("an error");
    assert!(error.headline().contains("fewer than 16 characters"), "{}", error.headline());
}

#[test]
fn what_is_protected_needs_a_token() {
    let section = "listen = 'localhost:0'\nprotect = 'all'\n";
    let missing = "protect: `all` needs a token, and none is configured";
    assert_eq!(findings(section), [missing]);
    assert_eq!(findings(&format!("{section}token = 'sesame'")), [""; 0]);
}

#[tokio::test]
async fn a_token_file_that_cannot_be_read_is_waited_for() {
    let config = config("listen = 'localhost:0'\ntoken_file = 'absent'");
    let error = config.connect(&context(Path::new("."))).await.err().expect("an error");
    assert!(matches!(error, Error::Retryable { .. }));
    assert!(error.headline().contains("absent"), "{}", error.headline());
}

#[test]
fn zero_switches_off_what_may_be_off() {
    let off = "listen = 'localhost:0'\ncache_size = 0\nmax_connections_per_address = 0";
    assert_eq!(findings(off), [""; 0]);
    assert_eq!(
        findings("listen = '[::]:80'\nstatic_dir = 'empty'"),
        ["static_dir: folder `empty` has no index.html"]
    );
}

#[test]
fn the_url_is_one_a_browser_can_open() {
    for (listen, url) in [
        ("0.0.0.0:8080", "http://127.0.0.1:8080/"),
        ("[::]:8080", "http://[::1]:8080/"),
        ("localhost:80", "http://localhost:80/"),
    ] {
        let plain = format!("listen = '{listen}'");
        assert_eq!(config(&plain).url().as_deref(), Some(url));
        let encrypted =
            config(&format!("{plain}\ntls_cert_file = 'c.pem'\ntls_key_file = 'k.pem'"));
        assert_eq!(encrypted.url(), Some(url.replace("http:", "https:")));
    }
}

#[tokio::test]
async fn a_name_is_resolved_and_port_zero_takes_a_free_one() {
    let server = config("listen = 'localhost:0'").bind(&context(Path::new("."))).await;
    let address = server.expect("bind").address();
    assert!(address.ip().is_loopback());
    assert_ne!(address.port(), 0);
}

#[tokio::test]
async fn a_taken_port_is_a_permanent_error_that_names_the_address() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("bind");
    let address = taken.local_addr().expect("address");
    let config = config(&format!("listen = '{address}'"));
    let error = config.connect(&context(Path::new("."))).await.err().expect("an error");
    assert!(matches!(error, Error::Permanent(_)));
    let headline = error.headline();
    assert!(headline.contains(&address.to_string()), "{headline}");
    assert!(headline.contains("`listen`"), "the next step: {headline}");
}
