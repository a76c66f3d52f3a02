//! A client certificate in place of the password.

use std::fs;
use std::path::PathBuf;

use l0_sink_postgres::PostgresConfig as Config;
use l0_stage::{Error, Outcome, Plugin, Why};
use l0_testkit::tls::{Authority, Certified, Pair};
use l0_testkit::{Postgres, require_services, write};

use crate::support::{Shop, config, context, order};

/// Only the worker must show a certificate, and needs nothing else.
const HBA: &str = "local all all scram-sha-256\n\
    hostssl all worker 127.0.0.1/32 trust clientcert=verify-full\n\
    host all worker all reject\n\
    host all all all scram-sha-256\n";

/// A shop whose server asks the worker for a certificate of this authority.
async fn shop(authority: &Authority) -> Shop {
    let Pair { cert, key, .. } = authority.issue("localhost");
    let mut shop = Shop::on(Postgres::start_with_tls(&cert, &key).await).await;
    let data = shop.postgres.data_dir();
    fs::write(data.join("clients.pem"), &authority.pem).unwrap();
    fs::write(data.join("pg_hba.conf"), HBA).unwrap();
    shop.execute("ALTER SYSTEM SET ssl_ca_file = 'clients.pem'").await;
    shop.execute("SELECT pg_reload_conf()").await;
    shop
}

fn showing(shop: &Shop, files: &Certified) -> Config {
    let (cert, key) = (files.folder().join("cert.pem"), files.folder().join("key.pem"));
    let (tls_cert_file, tls_key_file) = (Some(cert), Some(key));
    Config { password: None, tls_cert_file, tls_key_file, ..shop.config.clone() }
}

async fn refusal(config: &Config) -> Error {
    let Err(error) = config.connect(&context()).await else { panic!("connected") };
    error
}

/// The key of the only finding of a refusal.
async fn key_of_refusal(config: &Config) -> (String, String) {
    let error = refusal(config).await;
    let findings = &error.findings().unwrap_or_else(|| panic!("{error}")).0;
    (findings[0].key.clone(), findings[0].message.clone())
}

#[tokio::test]
async fn the_worker_is_let_in_by_its_certificate_which_is_read_again_at_every_connect() {
    require_services!();
    let authority = Authority::new("clients");
    let mut shop = shop(&authority).await;
    let files = Certified::with(&authority.issue_to_client("worker"));
    let config = showing(&shop, &files);
    let sink = config.connect(&context()).await.unwrap();
    let mut writer = sink.writer().await.unwrap();
    let batch = [order("A", "")];
    assert_eq!(write(&mut *writer, &batch).await.unwrap(), [Outcome::Stored(1)]);

    let other = authority.issue_to_client("another");
    files.write("cert.pem", &other.cert);
    files.write("key.pem", &other.key);
    shop.execute(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE usename = 'worker'",
    )
    .await;
    let lost = write(&mut *writer, &batch).await;
    assert!(matches!(lost, Err(Error::Retryable { why: Why::Unreachable, .. })), "{lost:?}");
    let denied = write(&mut *writer, &batch).await;
    assert!(matches!(denied, Err(Error::Retryable { why: Why::Denied, .. })), "{denied:?}");

    let renewed = authority.issue_to_client("worker");
    files.write("cert.pem", &renewed.cert);
    files.write("key.pem", &renewed.key);
    assert_eq!(write(&mut *writer, &batch).await.unwrap(), [Outcome::Duplicate(1)]);
}

#[tokio::test]
async fn without_the_right_certificate_the_cause_is_told_at_its_key() {
    require_services!();
    let authority = Authority::new("clients");
    let shop = shop(&authority).await;
    let without = Config { password: None, ..shop.config.clone() };
    let refused = refusal(&without).await;
    assert!(matches!(refused, Error::Retryable { why: Why::Denied, .. }), "{refused}");

    let unknown = Certified::with(&Authority::new("clients").issue_to_client("worker"));
    let (key, message) = key_of_refusal(&showing(&shop, &unknown)).await;
    assert_eq!(key, "tls_cert_file");
    assert!(message.contains("does not trust our certificate"), "{message}");

    let mixed = Certified::with(&authority.issue_to_client("worker"));
    mixed.write("key.pem", &authority.issue_to_client("worker").key);
    let (key, message) = key_of_refusal(&showing(&shop, &mixed)).await;
    assert_eq!(key, "tls_key_file");
    assert!(message.ends_with("key.pem` holds the key of another certificate"), "{message}");
    let damaged = authority.issue_to_client("worker");
    mixed.write("key.pem", &damaged.key.replacen("MI", "M!", 1));
    let (key, message) = key_of_refusal(&showing(&shop, &mixed)).await;
    assert_eq!((key.as_str(), message.ends_with("key.pem` is damaged")), ("tls_key_file", true));
}

#[test]
fn files_that_cannot_be_used_are_found_offline() {
    let pair = Authority::new("clients").issue_to_client("worker");
    let files = Certified::with(&pair);
    files.write("locked.pem", "-----BEGIN ENCRYPTED PRIVATE KEY-----\ncanary\n");
    let file = |name: &str| Some(files.folder().join(name));
    let found = |cert: Option<PathBuf>, key: Option<PathBuf>| {
        let config = Config { tls_cert_file: cert, tls_key_file: key, ..config(1) };
        let found = config.check(&context());
        let told = found.into_iter().map(|finding| (finding.key, finding.message));
        told.collect::<Vec<_>>()
    };
    assert_eq!(found(file("cert.pem"), file("key.pem")), []);
    for (cert, key, place, told) in [
        ("cert.pem", None, "tls_cert_file", "`tls_cert_file` without `tls_key_file`"),
        ("absent.pem", Some("key.pem"), "tls_cert_file", "cannot read certificate file"),
        ("key.pem", Some("key.pem"), "tls_cert_file", "key.pem` holds no certificate in PEM"),
        ("cert.pem", Some("absent.pem"), "tls_key_file", "cannot read key file"),
        ("cert.pem", Some("cert.pem"), "tls_key_file", "cert.pem` holds no private key in PEM"),
        ("cert.pem", Some("locked.pem"), "tls_key_file", "is encrypted with a passphrase"),
    ] {
        let found = found(file(cert), key.and_then(file));
        let [(key, message)] = &found[..] else { panic!("{found:?}") };
        assert_eq!(key, place);
        assert!(message.contains(told) && !message.contains("canary"), "{message}");
    }
    let unencrypted = Config { tls: l0_sink_postgres::Tls::Disable, ..config(1) };
    let config =
        Config { tls_cert_file: file("cert.pem"), tls_key_file: file("key.pem"), ..unencrypted };
    assert!(config.check(&context())[0].message.contains("not encrypted"));
}
