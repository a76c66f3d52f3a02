//! Addresses that l0-runtime logs, and its readiness.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context;
use l0_testkit::Runtime;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::stack::PATIENCE;

/// Pause between two requests.
const PAUSE: Duration = Duration::from_millis(2);

/// The address that it logs for its page.
pub async fn address(server: &Runtime) -> anyhow::Result<SocketAddr> {
    said(server, "listening url=").await
}

/// The address that it logs for posted documents.
pub async fn ingest_address(server: &Runtime) -> anyhow::Result<SocketAddr> {
    said(server, "accepts documents at").await
}

async fn said(server: &Runtime, before: &str) -> anyhow::Result<SocketAddr> {
    let line = server.wait_for_log(before, PATIENCE).await;
    let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next());
    Ok(address.with_context(|| format!("no address in `{line}`"))?.parse()?)
}

/// Waits until `/readyz` answers that it is ready.
pub async fn until_ready(runtime: &Runtime) -> anyhow::Result<()> {
    let address = address(runtime).await?;
    let ready = async {
        while !is_ready(address).await? {
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    };
    tokio::time::timeout(PATIENCE, ready).await?
}

async fn is_ready(address: SocketAddr) -> anyhow::Result<bool> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET /readyz HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer.starts_with("HTTP/1.1 200"))
}
