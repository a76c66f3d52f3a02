use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context;
use l0_testkit::Runtime;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::stack::PATIENCE;

/// Between two questions whether it is ready.
const PAUSE: Duration = Duration::from_millis(2);

/// Where it says that it listens.
pub async fn address(server: &Runtime) -> anyhow::Result<SocketAddr> {
    said(server, "listening url=").await
}

/// Where it says that documents are posted to.
pub async fn ingest_address(server: &Runtime) -> anyhow::Result<SocketAddr> {
    said(server, "documents are taken at").await
}

async fn said(server: &Runtime, before: &str) -> anyhow::Result<SocketAddr> {
    let line = server.wait_for_log(before, PATIENCE).await;
    let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next());
    Ok(address.with_context(|| format!("no address in `{line}`"))?.parse()?)
}

/// Until `/readyz` says so.
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
