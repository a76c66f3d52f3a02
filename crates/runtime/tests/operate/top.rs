use std::net::SocketAddr;

use l0_testkit::{Output, Terminal, http};
use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::Client;
use crate::lab::{Lab, binary, end};
use crate::stack::{SOON, root};

fn url(at: SocketAddr) -> String {
    format!("http://{at}/")
}

async fn top(arguments: &[&str]) -> (Option<i32>, Output) {
    let (status, output) = binary().args(["top"]).args(arguments.iter().copied()).run(SOON).await;
    (status.code(), output)
}

fn on_a_terminal(url: &str) -> Terminal {
    Terminal::start(env!("CARGO_BIN_EXE_l0-runtime"), &["top", "--url", url], &root())
}

/// Stores one document and buries one.
async fn post_two(lab: &Lab) {
    let mut client = Client::connect(lab.ingest()).await.unwrap();
    for (order, status) in [(r#"{"order_uid":"u","track_number":"t"}"#, 201), ("{oops", 422)] {
        assert_eq!(client.post(order.into()).await.unwrap().status, status);
    }
}

fn figure<'a>(text: &'a str, label: &str) -> &'a str {
    let line = text.lines().find_map(|line| line.strip_prefix(label));
    line.unwrap_or_else(|| panic!("no {label} in {text}")).trim()
}

#[tokio::test]
async fn a_pipe_gets_one_snapshot_as_text() {
    let lab = Lab::new();
    let demo = lab.start(&lab.command()).await;
    post_two(&lab).await;
    for arguments in [&["--url", &url(lab.page())][..], &["--once", "--url", &url(lab.page())]] {
        let (code, output) = top(arguments).await;
        assert_eq!((code, output.stderr.as_str()), (Some(0), ""));
        let head = format!("demo {} at {}", env!("CARGO_PKG_VERSION"), url(lab.page()));
        assert_eq!(output.stdout.lines().next(), Some(head.as_str()));
        assert_eq!(figure(&output.stdout, "letters "), "1");
        assert_eq!(figure(&output.stdout, "2 workers: "), "2 wait");
        assert!(figure(&output.stdout, "p50 ").ends_with("ms"), "{}", output.stdout);
    }
    end(&demo).await;
}

#[tokio::test]
async fn a_program_gets_the_status_as_the_instance_tells_it() {
    let lab = Lab::new();
    let demo = lab.start(&lab.command()).await;
    post_two(&lab).await;
    let (code, output) = top(&["--json", "--url", &url(lab.page())]).await;
    let envelope: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(
        (code, &envelope["command"], &envelope["ok"]),
        (Some(0), &"top".into(), &true.into())
    );
    let status = http::get(lab.page(), "/api/status").await.json();
    for key in ["pipeline", "started", "stages", "ledger", "last_stored", "letters", "workers"] {
        assert_eq!(envelope["result"][key], status[key], "{key}");
    }
    let keys = |status: &Value| status.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&envelope["result"]), keys(&status));
    end(&demo).await;
}

#[tokio::test]
async fn without_a_url_it_asks_where_the_configuration_listens() {
    let lab = Lab::new();
    let demo = lab.start(&lab.command()).await;
    let listen = format!("query.http.listen={}", lab.page());
    let (code, output) = top(&["-c", "examples/http-to-sqlite.toml", "--set", &listen]).await;
    assert_eq!(code, Some(0), "{}", output.stderr);
    assert!(output.stdout.contains(&url(lab.page())), "{}", output.stdout);
    end(&demo).await;
}

#[tokio::test]
async fn what_cannot_be_asked_is_told_from_what_does_not_answer() {
    let lab = Lab::new();
    let at = url(lab.page());
    let (code, output) = top(&["--url", &at]).await;
    assert_eq!((code, output.stdout.as_str()), (Some(3), ""));
    assert!(output.stderr.contains(&format!("{at} does not answer")), "{}", output.stderr);
    for wrong in ["ftp://localhost/", "/nowhere", "http://user:pw@localhost/"] {
        let (code, output) = top(&["--url", wrong]).await;
        assert_eq!(code, Some(2), "{wrong}: {}", output.stderr);
    }
    // It is a listener of ours, but not the one that was meant.
    let demo = lab.start(&lab.command()).await;
    let (code, output) = top(&["--url", &url(lab.ingest())]).await;
    assert_eq!(code, Some(1), "{}", output.stderr);
    assert!(output.stderr.contains("404"), "{}", output.stderr);
    end(&demo).await;
}

#[tokio::test]
async fn what_is_secret_in_a_url_is_shown_nowhere() {
    for (url, code) in [
        ("http://user:canary@localhost/", 2),
        ("user:canary@localhost:8080", 2),
        ("https://user:canary@localhost/", 2),
        ("http://user:canary@local host/", 2),
        ("//canary@localhost/?token=canary", 2),
        ("/nowhere?token=canary", 2),
        ("http://localhost:1/?token=canary", 3),
    ] {
        for form in [&[][..], &["--json"]] {
            let (found, output) = top(&[&["--url", url], form].concat()).await;
            assert_eq!(found, Some(code), "{url}: {}", output.stderr);
            assert!(!format!("{output:?}").contains("canary"), "{url}: {output:?}");
        }
    }
    let lab = Lab::new();
    let demo = lab.start(&lab.command()).await;
    let mut terminal = on_a_terminal(&format!("{}?token=canary", url(lab.page())));
    let screen = terminal.wait_for("2 workers").await;
    assert!(screen.contains(&url(lab.page())) && !screen.contains("canary"), "{screen}");
    terminal.press("q");
    assert!(terminal.end().await.success());
    end(&demo).await;
}

/// Characters that turn a text, end a line, or steer a terminal.
const UNSEEN: [char; 3] = ['\u{202e}', '\u{2028}', '\u{9b}'];

#[tokio::test]
async fn what_an_instance_says_cannot_steer_the_terminal() {
    let lab = Lab::new();
    let demo = lab.start(&lab.command()).await;
    let mut status = http::get(lab.page(), "/api/status").await.json();
    let history = http::get(lab.page(), "/api/history").await.json();
    end(&demo).await;
    let hostile = format!("seen{}", UNSEEN.iter().collect::<String>());
    let since = status["now"].clone();
    status["pipeline"] = hostile.as_str().into();
    status["reasons"] =
        json!([{"stage": hostile, "code": hostile, "message": hostile, "since": since}]);
    status["degraded"] =
        json!([{"code": hostile, "cause": hostile, "messages": null, "since": since}]);
    let at = url(answering(status.to_string(), history.to_string()).await);

    for form in [&[][..], &["--json"]] {
        let (code, output) = top(&[&["--url", &at], form].concat()).await;
        assert_eq!(code, Some(0), "{}", output.stderr);
        assert!(output.stdout.contains("seen"), "{}", output.stdout);
        assert!(!output.stdout.contains(UNSEEN), "{}", output.stdout);
    }
    let mut terminal = on_a_terminal(&at);
    let screen = terminal.wait_for("seen\\u{202e}\\u{2028}\\u{9b}").await;
    assert!(!screen.contains(UNSEEN), "{screen}");
    terminal.press("q");
    assert!(terminal.end().await.success());
}

/// The address of a server that answers every request with these texts.
async fn answering(status: String, history: String) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            // When the client closes the connection, no more requests come.
            while let Some(request) = request(&mut stream).await {
                let body = if request.contains("/api/history ") { &history } else { &status };
                let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
                stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
            }
        }
    });
    at
}

/// The head of the next request, if there is one.
async fn request(stream: &mut TcpStream) -> Option<String> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(stream.read_u8().await.ok()?);
    }
    Some(String::from_utf8(request).unwrap())
}

#[tokio::test]
async fn the_token_is_sent_and_never_shown() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = url(listener.local_addr().unwrap());
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "canary-7c1f\n").unwrap();
    let path = file.path().display().to_string();
    let asked = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let request = request(&mut stream).await;
        let answer = "HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(answer.as_bytes()).await.unwrap();
        request.unwrap()
    });
    let (code, output) = top(&["--url", &format!("{at}below/"), "--token-file", &path]).await;
    let request = asked.await.unwrap();
    assert!(request.starts_with("GET /below/api/status "), "{request}");
    assert!(request.contains("authorization: Bearer canary-7c1f\r\n"), "{request}");
    assert_eq!(code, Some(1));
    assert!(output.stderr.contains("401"), "{}", output.stderr);
    assert!(!format!("{output:?}").contains("canary"));
}

#[tokio::test]
async fn a_terminal_shows_an_instance_that_goes_and_comes_back() {
    let lab = Lab::new();
    let demo = lab.start(&lab.with_data()).await;
    post_two(&lab).await;
    let mut terminal = on_a_terminal(&url(lab.page()));
    let screen = terminal.wait_for("2 workers").await;
    assert!(screen.contains(&url(lab.page())) && screen.contains("letters"), "{screen}");
    assert!(!terminal.is_cooked());

    demo.kill().await;
    let screen = terminal.wait_for("stale since").await;
    assert!(screen.contains("does not answer"), "{screen}");
    let demo = lab.start(&lab.with_data()).await;
    let screen = terminal.wait_for("\nidle ").await;
    assert!(!screen.contains("stale"), "{screen}");

    terminal.press("q");
    assert!(terminal.end().await.success());
    terminal.given_back().await;
    end(&demo).await;
}

#[tokio::test]
async fn a_terminal_is_given_back_however_it_is_left() {
    let lab = Lab::new();
    let demo = lab.start(&lab.command()).await;
    for leave in ["q", "\u{3}", "\u{1b}", "SIGTERM", "SIGINT"] {
        let mut terminal = on_a_terminal(&url(lab.page()));
        terminal.wait_for("q leaves").await;
        match leave {
            "SIGTERM" => terminal.signal(Signal::TERM),
            "SIGINT" => terminal.signal(Signal::INT),
            key => terminal.press(key),
        }
        assert!(terminal.end().await.success(), "{leave:?}");
        terminal.given_back().await;
    }
    end(&demo).await;
}
