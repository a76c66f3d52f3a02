use std::path::Path;

use l0_stage::Why;
use l0_testkit::tls::Authority;
use l0_testkit::{NatsServer, require_services};
use tempfile::TempDir;

use crate::doctor::complaints;
use crate::support::{publish, reason, receive, settle, try_connect};

/// An authority, and a folder with `NAME.crt` and `NAME.key` of all that it has issued.
struct Issued {
    authority: Authority,
    folder: TempDir,
}

impl Issued {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let issued = Self { authority: Authority::new("ours"), folder };
        issued.write("ca.crt", &issued.authority.pem);
        issued
    }

    fn issue(&self, name: &str, host: &str) {
        let pair = self.authority.issue(host);
        self.write(&format!("{name}.crt"), &pair.cert);
        self.write(&format!("{name}.key"), &pair.key);
    }

    fn write(&self, name: &str, pem: &str) {
        std::fs::write(self.file(name), pem).expect("written");
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
    let (ours, theirs) = (Issued::new(), Issued::new());
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
    let issued = Issued::new();
    issued.issue("server", "127.0.0.2");
    let server = issued.server("").await;
    let (why, text) = reason(try_connect(&server, &trusting(&issued.file("ca.crt"))).await);
    assert_eq!(why, Why::Mismatch);
    assert!(text.contains("not valid for"), "{text}");
}

#[tokio::test]
async fn a_server_that_asks_for_a_certificate_gets_ours() {
    require_services!();
    let issued = Issued::new();
    issued.issue("server", "127.0.0.1");
    issued.issue("client", "client");
    let server = issued.server("verify: true").await;
    let trusting = trusting(&issued.file("ca.crt"));
    try_connect(&server, &trusting).await.err().expect("no certificate");
    let (cert, key) = (issued.file("client.crt"), issued.file("client.key"));
    works(&server, &format!("{trusting}tls_cert_file = {cert:?}\ntls_key_file = {key:?}")).await;
}

/// Neither by mistake, nor because of an attacker in between.
#[tokio::test]
async fn whoever_names_an_authority_does_not_talk_in_the_clear() {
    require_services!();
    let issued = Issued::new();
    let server = NatsServer::start().await;
    try_connect(&server, &trusting(&issued.file("ca.crt"))).await.err().expect("no tls there");
}
