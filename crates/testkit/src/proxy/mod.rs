//! A link between the runtime and a service that a test can cut, silence or slow down.

mod pump;

use std::net::Ipv4Addr;
use std::time::Duration;

use anyhow::Context;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use crate::port::Port;

/// What a [`Proxy`] does with the bytes between client and service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// Passes them on.
    Pass,
    /// Closes all connections, and new ones as soon as they are accepted.
    Cut,
    /// Keeps connections and accepts new ones, but nothing arrives on the other side. What was sent
    /// arrives when the link passes again, as after a silence of the network.
    BlackHole,
    /// Passes every piece on after this pause.
    Delay(Duration),
    /// Closes each connection after this many more bytes from the service.
    CutAfter(usize),
}

/// A TCP proxy on its own port, in front of one service on 127.0.0.1.
#[derive(Debug)]
pub struct Proxy {
    port: Port,
    link: watch::Sender<Link>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// Starts a proxy that passes everything. It connects to the service for each client.
    ///
    /// # Panics
    /// It cannot listen.
    pub async fn start(service: u16) -> Self {
        Self::try_start(service).await.unwrap_or_else(|error| panic!("cannot proxy: {error:#}"))
    }

    async fn try_start(service: u16) -> anyhow::Result<Self> {
        let port = Port::free();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port.number())).await;
        let listener = listener.context("cannot listen")?;
        let (link, seen) = watch::channel(Link::Pass);
        let accepting = tokio::spawn(accept(listener, service, seen));
        Ok(Self { port, link, accepting })
    }

    /// The port that clients connect to.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.number()
    }

    /// Changes the link, for open connections and new ones.
    pub fn set(&self, link: Link) {
        self.link.send_replace(link);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Accepts connections. All of them end with this task.
async fn accept(listener: TcpListener, service: u16, link: watch::Receiver<Link>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((client, _)) = accepted else { continue };
                connections.spawn(connect(client, service, link.clone()));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Connects a client to the service. If the service refuses, the client's connection is closed, as
/// without a proxy.
async fn connect(client: TcpStream, service: u16, mut link: watch::Receiver<Link>) {
    if link.wait_for(|link| *link != Link::BlackHole).await.is_err() {
        return;
    }
    let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, service)).await else { return };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    // When one side ends, both are closed.
    tokio::select! {
        () = pump::run(from_client, to_server, link.clone(), pump::Side::Client) => {}
        () = pump::run(from_server, to_client, link, pump::Side::Service) => {}
    }
}
