//! Documents that a trusted proxy forwards count for the client that it names.

use crate::support::{JSON, Lab, post_with, store};

#[tokio::test]
async fn the_memory_of_bodies_is_shared_among_those_whom_a_trusted_proxy_names() {
    let more = "max_body_bytes = 1000\nmax_pending_bytes = 2500\ntrusted_proxies = ['127.0.0.0/8']\n\
                token = 'a-token-that-is-long'";
    let lab = Lab::open(more).await;
    let receiving = lab.receiving(1);
    lab.listens().await;
    let large = format!("\"{}\"", "x".repeat(998));
    let post = |client: &str| {
        let headers = format!(
            "Content-Type: {JSON}\r\nAuthorization: Bearer a-token-that-is-long\r\n\
             X-Forwarded-For: 198.51.100.9, {client}\r\n"
        );
        let (address, large) = (lab.address, large.clone());
        tokio::spawn(async move { post_with(address, &headers, &large).await })
    };
    let first = post("192.0.2.1");
    let held = receiving.await.expect("no panic");
    let refused = post("192.0.2.1").await.expect("no panic");
    assert_eq!((refused.status, refused.error_code()), (429, "memory_full".to_owned()));
    let other = post("192.0.2.2");
    lab.waiting(1).await;
    store(held).await;
    store(lab.receive(10).await).await;
    for client in [first, other] {
        assert_eq!(client.await.expect("no panic").status, 201);
    }
}
