//! Ways out of the folder of the page, in every spelling, on every route.

use std::net::SocketAddr;
use std::path::Path;
use std::{fs, iter};

use crate::support::attack::{everything, intrude, status, withstand};
use crate::support::{Server, Shelf};
use tokio::io::AsyncWriteExt;

const SECRET: &str = "canary of a file outside";

const ROUTES: [&str; 10] = [
    "",
    "/get-json",
    "/livez",
    "/readyz",
    "/api/status",
    "/api/dead-letters",
    "/pipeline",
    "/vendor",
    "/index.html",
    "/nowhere",
];

const UP: [&str; 21] = [
    "/../",
    "/..%2f",
    "/%2e%2e/",
    "/%2e%2e%2f",
    "/%2E%2E%2F",
    "/.%2e/",
    "/%2e./",
    "/%252e%252e/",
    "/%252e%252e%252f",
    "/..%5c",
    "/..\\",
    "/%2e%2e%5c",
    "/%c0%ae%c0%ae/",
    "/%c0%ae%c0%ae%c0%af",
    "/%e0%80%ae%e0%80%ae/",
    "/%uff0e%uff0e/",
    "/..;/",
    "/....//",
    "/./../",
    "//../",
    "/..%00/",
];

fn targets() -> impl Iterator<Item = String> {
    let climbs = |route: &'static str| {
        UP.iter().flat_map(move |up| {
            (1..=3).map(move |levels| format!("{route}{}secret.txt", up.repeat(levels)))
        })
    };
    let absolute = |route: &'static str| {
        ["//etc/passwd", "/%2fetc%2fpasswd", "/file:///etc/passwd"]
            .map(|path| route.to_owned() + path)
    };
    let schemes =
        ["http://localhost/../secret.txt", "/secret.txt%00.html", "/link.txt", "/.hidden"];
    ROUTES
        .into_iter()
        .flat_map(move |route| climbs(route).chain(absolute(route)))
        .chain(schemes.map(str::to_owned))
}

async fn climb(address: SocketAddr) {
    for target in targets() {
        let mut stream = intrude(address).await.expect("connect");
        let request =
            format!("GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("write");
        let answer = everything(&mut stream).await;
        // The protocol layer answers 400 to text that is not a request target.
        assert!(matches!(status(&answer), Some(404 | 400)), "{target}: {:?}", status(&answer));
        let text = String::from_utf8_lossy(&answer);
        assert!(!text.contains(SECRET) && !text.contains("root:"), "{target}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_spelling_leads_out_of_a_folder() {
    let base = tempfile::tempdir().expect("folder");
    let folder = base.path().join("a/b/page");
    fs::create_dir_all(folder.join("vendor")).expect("folder");
    fs::write(folder.join("index.html"), "mine").expect("file");
    fs::write(folder.join(".hidden"), SECRET).expect("file");
    for above in iter::successors(folder.parent(), |path| path.parent()).take(3) {
        fs::write(above.join("secret.txt"), SECRET).expect("file");
    }
    std::os::unix::fs::symlink("../secret.txt", folder.join("link.txt")).expect("link");
    let shelf = Shelf::new();
    let server = Server::launch("static_dir = 'a/b/page'", base.path(), Some(shelf)).await;
    withstand(&server, &["/", "/get-json?id=1"], climb(server.address)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_spelling_leads_out_of_the_embedded_page() {
    let server = Server::launch("", Path::new("."), Some(Shelf::new())).await;
    withstand(&server, &["/", "/get-json?id=1"], climb(server.address)).await;
}
