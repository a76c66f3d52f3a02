//! Which servers are trusted.

use std::fs;
use std::path::Path;

use l0_sink_postgres::{PostgresConfig as Config, Tls};
use l0_stage::{Error, Finding, Outcome, Plugin, Sink};
use l0_testkit::tls::{Authority, Pair};
use l0_testkit::{Postgres, require_services, write};

use crate::support::{Shop, config, context, order};

/// A server whose certificate is for this host.
async fn server(authority: &Authority, host: &str) -> Postgres {
    let Pair { cert, key, .. } = authority.issue(host);
    Postgres::start_with_tls(&cert, &key).await
}

fn verifying(shop: &Shop, host: &str, authorities: Option<&Path>) -> Config {
    let tls_ca_file = authorities.map(Path::to_owned);
    Config { host: host.into(), tls: Tls::VerifyFull, tls_ca_file, ..shop.config.clone() }
}

async fn connect(config: &Config) -> Result<Box<dyn Sink>, Error> {
    config.connect(&context()).await
}

/// Why the server was not trusted, at the key that decides it.
async fn distrust(config: &Config) -> String {
    let Err(error) = connect(config).await else { panic!("connected") };
    let findings = &error.findings().unwrap().0;
    let [Finding { key, message, help: Some(_) }] = &findings[..] else { panic!("{findings:?}") };
    assert_eq!(key, "tls");
    message.clone()
}

/// The worker's connections with and without TLS.
async fn encrypted(shop: &mut Shop) -> (i64, i64) {
    let sql = |ssl: &str| {
        format!(
            "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
             WHERE usename = 'worker' AND {ssl}"
        )
    };
    (shop.scalar(&sql("ssl")).await, shop.scalar(&sql("NOT ssl")).await)
}

#[tokio::test]
async fn a_certificate_of_an_own_authority_is_trusted_for_its_host_alone() {
    require_services!();
    let folder = tempfile::tempdir().unwrap();
    let (own, other) = (folder.path().join("own.pem"), folder.path().join("other.pem"));
    let authority = Authority::new("own");
    fs::write(&own, &authority.pem).unwrap();
    fs::write(&other, Authority::new("other").pem).unwrap();
    let mut shop = Shop::on(server(&authority, "localhost").await).await;

    let sink = connect(&verifying(&shop, "localhost", Some(&own))).await.unwrap();
    let mut writer = sink.writer().await.unwrap();
    assert_eq!(write(&mut *writer, &[order("A", "")]).await.unwrap(), [Outcome::Stored(1)]);
    let (with, without) = encrypted(&mut shop).await;
    assert!(with >= 2 && without == 0, "{with} connections with tls, {without} without");

    let wrong_host = distrust(&verifying(&shop, "127.0.0.1", Some(&own))).await;
    assert!(wrong_host.contains("not valid for name"), "{wrong_host}");
    for authorities in [None, Some(&*other)] {
        let unknown = distrust(&verifying(&shop, "localhost", authorities)).await;
        assert!(unknown.contains("UnknownIssuer"), "{unknown}");
    }

    fs::copy(&own, &other).unwrap();
    connect(&verifying(&shop, "localhost", Some(&other))).await.unwrap();
}

#[tokio::test]
async fn a_certificate_that_a_server_signed_itself_is_refused() {
    require_services!();
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("other.pem");
    fs::write(&other, Authority::new("other").pem).unwrap();
    let Pair { cert, key, .. } = Pair::of("localhost");
    let mut shop = Shop::on(Postgres::start_with_tls(&cert, &key).await).await;
    for authorities in [None, Some(&*other)] {
        let refused = distrust(&verifying(&shop, "localhost", authorities)).await;
        assert!(refused.contains("invalid peer certificate"), "{refused}");
    }

    // For a host of this machine, and for another host.
    for (host, tls) in [("localhost", Tls::Auto), ("0.0.0.0", Tls::Require)] {
        let config = Config { host: host.into(), tls, ..shop.config.clone() };
        let _sink = connect(&config).await.unwrap();
        let (with, without) = encrypted(&mut shop).await;
        assert!(with >= 1 && without == 0, "{host}: {with} with tls, {without} without");
    }
}

#[tokio::test]
async fn a_server_without_tls_is_refused_unless_it_is_this_machine_or_it_is_said_otherwise() {
    require_services!();
    let shop = Shop::open().await;
    let socket = shop.postgres.socket_dir().to_str().unwrap().to_owned();
    let config = |host: &str, tls| Config { host: host.into(), tls, ..shop.config.clone() };
    // An address that leads to this machine but does not look like it.
    let elsewhere = "0.0.0.0";
    for (host, tls) in
        [(elsewhere, Tls::Auto), (elsewhere, Tls::Require), ("127.0.0.1", Tls::VerifyFull)]
    {
        let refused = distrust(&config(host, tls)).await;
        assert!(refused.contains("does not support TLS"), "{refused}");
    }
    for (host, tls) in [
        (elsewhere, Tls::Prefer),
        (elsewhere, Tls::Disable),
        ("127.0.0.1", Tls::Auto),
        (&socket, Tls::Auto),
    ] {
        connect(&config(host, tls)).await.unwrap();
    }
}

#[tokio::test]
async fn a_file_of_authorities_that_cannot_be_used_is_found_offline_and_at_connect() {
    let folder = tempfile::tempdir().unwrap();
    let (absent, key) = (folder.path().join("absent.pem"), folder.path().join("key.pem"));
    fs::write(&key, Pair::of("localhost").key).unwrap();
    let config = |tls, file: &Path| Config { tls, tls_ca_file: Some(file.into()), ..config(1) };
    let cases = [
        (config(Tls::VerifyFull, &absent), "cannot read"),
        (config(Tls::VerifyFull, &key), "holds no certificate"),
    ];
    for (config, expected) in cases {
        let findings = config.check(&context());
        assert_eq!(findings[0].key, "tls_ca_file");
        assert!(findings[0].message.contains(expected), "{findings:?}");
        let Err(error) = connect(&config).await else { panic!("connected") };
        assert_eq!(error.findings().unwrap().0[0].key, "tls_ca_file");
    }
    let useless = config(Tls::Auto, &key).check(&context());
    assert!(useless[0].message.contains("certificates are not verified"), "{useless:?}");
}

#[tokio::test]
async fn a_damaged_file_of_authorities_is_named_and_nothing_of_it_is_shown() {
    require_services!();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("authority.pem");
    let authority = Authority::new("ours");
    let shop = Shop::on(server(&authority, "localhost").await).await;
    let key = Pair::of("localhost").key;
    let damaged = format!("{key}{}", authority.pem.replacen("MII", "M!!", 1));
    let cut = format!("{key}{}", &authority.pem[..authority.pem.len() / 2]);
    for text in [damaged, cut] {
        fs::write(&file, &text).unwrap();
        let config = verifying(&shop, "localhost", Some(&file));
        let Err(error) = connect(&config).await else { panic!("connected") };
        let said = format!("{error} {error:?}");
        assert!(said.contains("authority.pem") || said.contains("tls_ca_file"), "{said}");
        let quoted = text.lines().filter(|line| line.len() > 30 && said.contains(*line));
        assert_eq!(quoted.collect::<Vec<_>>(), Vec::<&str>::new());
    }
}
