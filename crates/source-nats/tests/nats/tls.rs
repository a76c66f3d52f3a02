use std::path::Path;

use l0_stage::Why;
use l0_testkit::{NatsServer, require_services};
use rcgen::{
    BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use tempfile::TempDir;

use crate::doctor::complaints;
use crate::support::{publish, reason, receive, settle, try_connect};

/// An authority of our own. `NAME.crt` and `NAME.key` of everything that it issued are in its
/// folder.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    folder: TempDir,
}

impl Authority {
    fn new() -> Self {
        let (key, mut params) = (KeyPair::generate().expect("key"), CertificateParams::default());
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        let folder = tempfile::tempdir().expect("folder");
        let own = params.self_signed(&key).expect("certificate");
        std::fs::write(folder.path().join("ca.crt"), own.pem()).expect("written");
        Self { issuer: Issuer::new(params, key), folder }
    }

    fn issue(&self, name: &str, host: &str) {
        let key = KeyPair::generate().expect("key");
        let mut params = CertificateParams::new(vec![host.to_owned()]).expect("host");
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let certificate = params.signed_by(&key, &self.issuer).expect("certificate");
        let write = |kind: &str, pem: String| {
            std::fs::write(self.file(&format!("{name}.{kind}")), pem).expect("written");
        };
        write("crt", certificate.pem());
        write("key", key.serialize_pem());
    }

    fn file(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    async fn server(&self, more: &str) -> NatsServer {
        NatsServer::with_config(&format!(
            "tls {{ cert_file: {:?}\nkey_file: {:?}\nca_file: {:?}\n{more} }}",
            self.file("server.crt"),
            self.file("server.key"),
            self.file("ca.crt"),
        ))
        .await
    }
}

fn trusting(file: &Path) -> String {
    format!("tls_ca_file = {file:?}\n")
}

async fn works(server: &NatsServer, more: &str) {
    let source = try_connect(server, more).await.unwrap_or_else(|error| panic!("{error}"));
    publish(&*source, 1).await;
    settle(receive(&*source, 1).await).await;
    source.close().await.expect("closed");
}

#[tokio::test]
async fn only_a_server_whose_authority_is_trusted_is_talked_to() {
    require_services!();
    let (ours, theirs) = (Authority::new(), Authority::new());
    ours.issue("server", "127.0.0.1");
    let server = ours.server("").await;
    works(&server, &trusting(&ours.file("ca.crt"))).await;

    for untrusted in [String::new(), trusting(&theirs.file("ca.crt"))] {
        let (why, text) = reason(try_connect(&server, &untrusted).await);
        assert_eq!(why, Why::Mismatch, "{text}");
        assert!(text.contains("invalid peer certificate"), "{text}");
        assert_eq!(complaints(&server, &untrusted).await, ["server"]);
    }
    let (why, text) = reason(try_connect(&server, &trusting(&ours.file("none.crt"))).await);
    assert_eq!(why, Why::Mismatch);
    assert!(text.starts_with("cannot read tls file `"), "{text}");
}

#[tokio::test]
async fn a_certificate_for_another_host_is_refused() {
    require_services!();
    let authority = Authority::new();
    authority.issue("server", "127.0.0.2");
    let server = authority.server("").await;
    let (why, text) = reason(try_connect(&server, &trusting(&authority.file("ca.crt"))).await);
    assert_eq!(why, Why::Mismatch);
    assert!(text.contains("not valid for"), "{text}");
}

#[tokio::test]
async fn a_server_that_asks_for_a_certificate_gets_ours() {
    require_services!();
    let authority = Authority::new();
    authority.issue("server", "127.0.0.1");
    authority.issue("client", "client");
    let server = authority.server("verify: true").await;
    let trusting = trusting(&authority.file("ca.crt"));
    try_connect(&server, &trusting).await.err().expect("no certificate");
    let (cert, key) = (authority.file("client.crt"), authority.file("client.key"));
    works(&server, &format!("{trusting}tls_cert_file = {cert:?}\ntls_key_file = {key:?}")).await;
}

/// Neither by mistake, nor because of an attacker in between.
#[tokio::test]
async fn whoever_names_an_authority_does_not_talk_in_the_clear() {
    require_services!();
    let authority = Authority::new();
    let server = NatsServer::start().await;
    try_connect(&server, &trusting(&authority.file("ca.crt"))).await.err().expect("no tls there");
}
