use std::net::SocketAddr;

use super::{Answer, exchange};

/// A write as the page sends it, but without `Origin` and `Sec-Fetch-Site`.
pub async fn post(address: SocketAddr, target: &str) -> Answer {
    post_with(address, target, &format!("Host: {address}\r\n")).await
}

/// A write with these headers, each ending in a line break.
pub async fn post_with(address: SocketAddr, target: &str, headers: &str) -> Answer {
    let head = "Content-Length: 0\r\nConnection: close\r\n";
    exchange(address, &format!("POST {target} HTTP/1.1\r\n{head}{headers}\r\n")).await
}
