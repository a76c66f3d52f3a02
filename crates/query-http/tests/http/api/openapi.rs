//! The document describes the answers: each GET with its example, each error in its shape.

use l0_stage::Why;
use serde_json::{Value, json};

use crate::support::refusing::refuse;
use crate::support::{Answer, Server, exchange, get, get_with, post, post_with, send, stock};

async fn server() -> Server {
    let sink = stock::sink();
    stock::store(&sink, [r#"{"track":"WBILMTESTTRACK_30","uid":"one"}"#]).await;
    stock::bury(&sink, ["{\"a\":1}"]).await;
    Server::of("search = ['uid']", &sink).await
}

async fn document(server: &Server) -> Value {
    let answer = get(server.address, "/openapi.json").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    answer.json()
}

/// The value that a reference points at.
fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(place) => document.pointer(place.trim_start_matches('#')).expect(place),
        None => value,
    }
}

fn check(document: &Value, schema: &Value, body: &Value, what: &str) {
    let mut schema = schema.clone();
    schema["components"] = document["components"].clone();
    let schema = jsonschema::validator_for(&schema).expect("a schema");
    let errors: Vec<_> = schema.iter_errors(body).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{what}: {errors:?}\n{body}");
}

/// Asserts that the answer is one of those described.
fn check_answer(document: &Value, operation: &Value, answer: &Answer, what: &str) {
    let described = &operation["responses"][answer.status.to_string()];
    assert!(described.is_object(), "{what}: {} is not described", answer.status);
    let described = resolve(document, described);
    let content_type = answer.header("content-type").expect("a type");
    let media_type = content_type.split(';').next().expect("a type");
    let media = &described["content"][media_type];
    assert!(media.is_object(), "{what}: {media_type} is not described");
    if media_type == "application/json" && media["schema"].is_object() {
        check(document, &media["schema"], &answer.json(), what);
    }
}

fn target(document: &Value, path: &str, operation: &Value) -> String {
    let (mut target, mut separator) = (path.to_owned(), '?');
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let parameter = resolve(document, parameter);
        let (name, example) = (parameter["name"].as_str().expect("a name"), &parameter["example"]);
        let example = example.as_str().map_or_else(|| example.to_string(), str::to_owned);
        if parameter["in"] == "path" {
            target = target.replace(&format!("{{{name}}}"), &example);
        } else if parameter["required"] == json!(true) {
            target += &format!("{separator}{name}={example}");
            separator = '&';
        }
    }
    target
}

#[tokio::test]
async fn every_described_path_answers_as_described() {
    let server = server().await;
    let document = document(&server).await;
    for (path, operations) in document["paths"].as_object().expect("paths") {
        for (method, operation) in operations.as_object().expect("operations") {
            let target = target(&document, path, operation);
            if path == "/api/events" {
                continue;
            }
            let answer = match &**method {
                "get" => get(server.address, &target).await,
                _ => post(server.address, &target).await,
            };
            // The letter is replayed before it is discarded.
            assert!(matches!(answer.status, 200 | 409), "{target}: {}", answer.status);
            check_answer(&document, operation, &answer, &target);
            let refused = send(server.address, "DELETE", &target).await;
            assert_eq!(refused.status, 405, "{target}");
            check_answer(&document, operation, &refused, &target);
        }
    }
}

#[tokio::test]
async fn errors_are_described_too() {
    let server = server().await;
    let document = document(&server).await;
    for (path, target, status) in [
        ("/get-json", "/get-json?id=x", 400),
        ("/get-json", "/get-json?id=99", 404),
        ("/api/documents", "/api/documents?limit=0", 400),
        ("/api/documents/{id}", "/api/documents/x", 400),
        ("/api/documents/{id}", "/api/documents/99", 404),
        ("/api/find", "/api/find", 400),
        ("/api/dead-letters/{id}", "/api/dead-letters/99", 404),
    ] {
        let answer = get(server.address, target).await;
        assert_eq!(answer.status, status, "{target}");
        check_answer(&document, &document["paths"][path]["get"], &answer, target);
    }
    let refused = post_with(server.address, "/api/produce", "Host: evil.example\r\n").await;
    assert_eq!(refused.status, 403);
    check_answer(&document, &document["paths"]["/api/produce"]["post"], &refused, "a foreign name");
    for path in ["/get-json", "/api/documents", "/api/config", "/openapi.json"] {
        let operation = &document["paths"][path]["get"];
        let foreign = exchange(server.address, &foreign(path)).await;
        check_answer(&document, operation, &foreign, path);
        let two = get_with(server.address, path, "Host: localhost\r\n").await;
        assert_eq!((foreign.status, two.status), (403, 400), "{path}");
        check_answer(&document, operation, &two, path);
    }
    let _report = server.readiness.report("sink", Why::Unreachable, "away");
    let unready = get(server.address, "/readyz").await;
    assert_eq!(unready.status, 503);
    check_answer(&document, &document["paths"]["/readyz"]["get"], &unready, "/readyz");
}

fn foreign(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
}

#[tokio::test]
async fn what_a_degraded_pipeline_answers_is_described_too() {
    let server = server().await;
    server.instance.change(refuse);
    let document = document(&server).await;
    let check_get = async |path: &str, status| {
        let answer = get(server.address, path).await;
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(answer.json()["degraded"].as_array().map(Vec::len), Some(3), "{path}");
        check_answer(&document, &document["paths"][path]["get"], &answer, path);
    };
    check_get("/readyz", 200).await;
    check_get("/api/status", 200).await;
    let _report = server.readiness.report("sink", Why::Refusing, "as many as may be");
    check_get("/readyz", 503).await;
    check_get("/api/status", 200).await;
}

#[tokio::test]
async fn the_events_carry_what_is_described() {
    let server = server().await;
    let document = document(&server).await;
    let mut events = crate::support::Events::open(server.address).await;
    for (event, schema) in [("status", "Status"), ("newest", "Newest")] {
        let schema = json!({"$ref": format!("#/components/schemas/{schema}")});
        check(&document, &schema, &events.named(event).await, event);
    }
}

#[tokio::test]
async fn every_example_fits_its_schema() {
    let server = server().await;
    let document = document(&server).await;
    let mut examples = 0;
    let operations = document["paths"].as_object().expect("paths").values();
    let operations = operations.flat_map(|path| path.as_object().expect("operations").values());
    for operation in operations {
        for response in operation["responses"].as_object().expect("responses").values() {
            let json = &resolve(&document, response)["content"]["application/json"];
            if json["example"].is_object() {
                check(
                    &document,
                    &json["schema"],
                    &json["example"],
                    &operation["summary"].to_string(),
                );
                examples += 1;
            }
        }
    }
    assert!(examples > 50, "{examples}");
}
