use std::fs;
use std::path::Path;

use crate::support::{Server, get, get_with};

#[tokio::test]
async fn the_embedded_page_is_served_and_revalidated() {
    let server = Server::launch("", Path::new("."), None).await;
    let page = get(server.address, "/").await;
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/../../static/index.html");
    assert_eq!(page.status, 200);
    assert_eq!(page.body, fs::read(source).expect("index.html"));
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(page.header("cache-control"), Some("no-cache"));

    let headers = format!("If-None-Match: {}\r\n", page.header("etag").expect("etag"));
    assert_eq!(get_with(server.address, "/", &headers).await.status, 304);
}

#[tokio::test]
async fn the_views_of_the_page_are_the_page_from_the_binary_and_from_a_folder() {
    let folder = tempfile::tempdir().expect("folder");
    fs::write(folder.path().join("index.html"), "mine").expect("file");
    fs::write(folder.path().join("pipeline"), "not the view").expect("file");
    let embedded = Server::launch("", Path::new("."), None).await;
    let own = Server::launch("static_dir = '.'", folder.path(), None).await;
    let page = get(embedded.address, "/").await.body;
    for view in ["/pipeline", "/dead-letters", "/system", "/dead-letters?letter=1"] {
        let answer = get(embedded.address, view).await;
        assert_eq!((answer.status, &answer.body), (200, &page), "{view}");
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(get(own.address, view).await.body, b"mine", "{view}");
    }
    for path in ["/system/", "/pipeline/x", "/Pipeline", "/orders"] {
        assert_eq!(get(embedded.address, path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_static_dir_replaces_the_embedded_page_and_nothing_beside_it_is_served() {
    let base = tempfile::tempdir().expect("folder");
    let folder = base.path().join("page");
    fs::create_dir_all(folder.join("vendor")).expect("folder");
    fs::write(base.path().join("secret.txt"), "secret").expect("file");
    fs::write(folder.join("index.html"), "mine").expect("file");
    fs::write(folder.join("vendor/a.js"), "1").expect("file");
    fs::write(folder.join(".env"), "secret").expect("file");
    std::os::unix::fs::symlink("../secret.txt", folder.join("link.txt")).expect("link");
    let server = Server::launch("static_dir = 'page'", base.path(), None).await;

    assert_eq!(get(server.address, "/").await.body, b"mine");
    let script = get(server.address, "/vendor/a.js").await;
    assert_eq!(script.header("content-type"), Some("text/javascript; charset=utf-8"));

    for path in ["/.env", "/link.txt", "/../secret.txt", "/vendor", "/vendor/../index.html"] {
        let answer = get(server.address, path).await;
        assert_eq!((answer.status, &*answer.error_code()), (404, "not_found"), "{path}");
    }
}

#[tokio::test]
async fn no_path_leads_out_of_the_page_however_it_is_written() {
    let embedded = Server::launch("", Path::new("."), None).await;
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = Server::launch("static_dir = '../../static'", root, None).await;
    let paths = [
        "/../Cargo.toml",
        "/../../etc/passwd",
        "/..%2fCargo.toml",
        "/%2e%2e/Cargo.toml",
        "/%2e%2e%2fCargo.toml",
        "/%252e%252e/Cargo.toml",
        "/..%5cCargo.toml",
        "/..\\Cargo.toml",
        "/%c0%ae%c0%ae/Cargo.toml",
        "/./../Cargo.toml",
        "//etc/passwd",
        "/%2fetc%2fpasswd",
        "/index.html%00",
        "/index.html/../../Cargo.toml",
        "/get-json/../../Cargo.toml",
        "/..;/Cargo.toml",
        "http://localhost/../Cargo.toml",
        "/no-such-file",
        "/get-json/1",
    ];
    for path in paths {
        for server in [&embedded, &folder] {
            let answer = get(server.address, path).await;
            assert_eq!((answer.status, &*answer.error_code()), (404, "not_found"), "{path}");
        }
    }
}
