//! `protect = "all"`: what needs the token, and what does not.

use l0_stage::Why;

use crate::support::{Server, exchange, get, get_with, post_with, stock};

const PROOF: &str = "Authorization: Bearer sesame\r\n";
const PROTECTED: [&str; 11] = [
    "/get-json?id=1",
    "/api/documents",
    "/api/documents/1",
    "/api/find?q=a",
    "/api/status",
    "/api/history",
    "/api/config",
    "/api/dead-letters",
    "/api/dead-letters/1",
    "/api/nothing",
    "/metrics",
];
const OPEN: [&str; 5] = ["/", "/dead-letters", "/openapi.json", "/livez", "/readyz"];

async fn server(lines: &str) -> Server {
    let sink = stock::sink();
    stock::store(&sink, [r#"{"track":"a"}"#]).await;
    stock::bury(&sink, ["1"]).await;
    Server::of(&format!("token = 'sesame'\n{lines}"), &sink).await
}

#[tokio::test]
async fn all_that_tells_of_documents_needs_the_token_and_the_page_and_probes_do_not() {
    let server = server("protect = 'all'").await;
    assert_eq!(get_with(server.address, "/get-json?id=1", PROOF).await.status, 200, "cached now");
    for target in PROTECTED.into_iter().chain(["/api/events"]) {
        let answer = get(server.address, target).await;
        assert_eq!((answer.status, &*answer.error_code()), (401, "unauthorized"), "{target}");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        let mark = if target.contains('?') { '&' } else { '?' };
        let wrong = get(server.address, &format!("{target}{mark}token=sesame")).await;
        assert_eq!(wrong.status, 401, "{target} with the token in its URL");
    }
    for target in PROTECTED.into_iter().filter(|target| *target != "/api/nothing") {
        assert_eq!(get_with(server.address, target, PROOF).await.status, 200, "{target}");
    }
    for target in OPEN {
        assert_eq!(get(server.address, target).await.status, 200, "{target}");
    }
    let write = format!("Host: localhost\r\n{PROOF}");
    assert_eq!(post_with(server.address, "/api/produce", &write).await.status, 200);
}

#[tokio::test]
async fn without_it_reads_need_no_token() {
    let server = server("").await;
    for target in PROTECTED.into_iter().filter(|target| *target != "/api/nothing") {
        assert_eq!(get(server.address, target).await.status, 200, "{target}");
    }
}

#[tokio::test]
async fn probes_tell_codes_and_no_texts() {
    let server = server("protect = 'all'").await;
    server.instance.change(crate::support::refusing::refuse);
    let _report = server.readiness.report("sink", Why::Unreachable, "postgres at 10.0.0.7");
    let ready = get(server.address, "/readyz").await.json();
    assert_eq!(
        (&ready["reasons"][0]["code"], &ready["reasons"][0]["message"]),
        (&"unreachable".into(), &"".into())
    );
    assert_eq!(ready["degraded"][0]["cause"], "");
    let status = get_with(server.address, "/api/status", PROOF).await.json();
    assert_eq!(status["reasons"][0]["message"], "postgres at 10.0.0.7");
}

#[tokio::test]
async fn guesses_at_reads_are_counted_under_whatever_name() {
    let server = server("protect = 'all'").await;
    let guess = "Authorization: Bearer guess\r\n";
    for _ in 0..5 {
        assert_eq!(get_with(server.address, "/api/status", guess).await.status, 401);
        let foreign =
            format!("GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n{guess}\r\n");
        assert_eq!(exchange(server.address, &foreign).await.status, 403);
    }
    assert_eq!(get_with(server.address, "/api/status", guess).await.status, 429);
    assert_eq!(get_with(server.address, "/api/status", PROOF).await.status, 200);
}
