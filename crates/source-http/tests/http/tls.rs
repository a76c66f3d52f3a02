//! The listener with a certificate.

use l0_stage::{Error, Plugin, Stop, Why};
use l0_testkit::tls::{Certified, Pair};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{Lab, context, parse};

const POST: &str = "POST /documents HTTP/1.0\r\nContent-Type: application/json\r\n\
                    Content-Length: 2\r\n\r\n{}";

#[tokio::test]
async fn documents_are_posted_encrypted_and_not_in_the_clear() {
    let pair = Pair::of("127.0.0.1");
    let folder = Certified::with(&pair);
    let lab = Lab::deciding(&folder.keys()).await;
    assert_eq!(pair.exchange(lab.address, POST).await.expect("trusted").status, 201);
    let usage = pair.get(lab.address, "/").await.expect("trusted").body;
    let at = format!(" https://{}/documents\n", lab.address);
    assert!(String::from_utf8(usage).expect("text").contains(&at));

    let mut plain = l0_testkit::http::connect(lab.address).await;
    plain.write_all(POST.as_bytes()).await.expect("write");
    let mut answer = Vec::new();
    while plain.read_buf(&mut answer).await.is_ok_and(|read| read > 0) {}
    assert!(!answer.starts_with(b"HTTP/"));
}

/// It knows the address from the configuration, so the certificate may have any name.
#[tokio::test]
async fn a_producer_believes_the_certificate_of_its_configuration_alone() {
    let folder = Certified::with(&Pair::of("ingest.example"));
    let lab = Lab::deciding(&folder.keys()).await;
    let publisher = lab.another().await.publisher().expect("a publisher");
    for _ in 0..2 {
        publisher.publish("{}".into()).await.expect("published");
    }

    let other = Certified::with(&Pair::of("ingest.example"));
    let config = parse(&format!("listen = '{}'\n{}", lab.address, other.keys()));
    let source = config.connect(&context()).await.expect("connected");
    let publisher = source.publisher().expect("a publisher");
    let error = publisher.publish("{}".into()).await.expect_err("another certificate");
    assert!(matches!(error, Error::Retryable { why: Why::Unreachable, .. }));
    let text = format!("{error}");
    assert!(text.contains(&format!("cannot post to https://{}/documents", lab.address)), "{text}");
    assert!(text.contains("the server shows another certificate than the one in `"), "{text}");
}

#[tokio::test]
async fn a_producer_needs_no_key_and_a_listener_does() {
    let pair = Pair::of("127.0.0.1");
    let folder = Certified::with(&pair);
    let lab = Lab::deciding(&folder.keys()).await;
    std::fs::remove_file(folder.file("key.pem")).expect("removed");
    let producer = lab.another().await;
    producer.publisher().expect("a publisher").publish("{}".into()).await.expect("published");

    let error = producer.receive(1, &Stop::new()).await.err().expect("no key");
    assert!(matches!(error, Error::Permanent(_)));
    let text = format!("{error}");
    let file = folder.file("key.pem").display().to_string();
    assert!(text.starts_with(&format!("cannot read key file `{file}`")), "{text}");
    assert!(text.ends_with("or change `tls_key_file` in [source.http]"), "{text}");
}
