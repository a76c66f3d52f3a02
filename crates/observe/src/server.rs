//! The listener of `[observe]`.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use l0_http::{Hosts, Limits, Listen, Listener, Peer, Proxies};
use l0_stage::{Error, Query, Stop, View, async_trait};
use tracing::info;

use crate::ObserveConfig;
use crate::answer::Observed;
use crate::tally::Tally;

/// The limits of the listener. They suit health probes and Prometheus.
fn limits() -> Limits {
    Limits {
        connections: 256,
        connections_per_address: 64,
        proxies: Proxies::default(),
        header_timeout: Duration::from_secs(10),
        send_timeout: Duration::from_secs(10),
        grace: Duration::from_secs(1),
        buffer: 16 * 1024,
    }
}

/// The listener of `[observe]`. Its port is open already.
#[derive(Debug)]
pub struct ObserveServer {
    listener: Listener,
    address: SocketAddr,
    hosts: Hosts,
    url: String,
}

impl ObserveServer {
    pub(crate) async fn bind(config: &ObserveConfig) -> Result<Self, Error> {
        let listen = Listen::parse(&config.listen).map_err(Error::permanent)?;
        let tcp = listen.bind("observe").await?;
        let address = tcp.local_addr().map_err(Error::permanent)?;
        let exposed = !address.ip().to_canonical().is_loopback();
        let hosts = Hosts::new(&listen, exposed, &config.hosts);
        let url = listen.url(address.port(), false);
        Ok(Self { listener: Listener { tcp, tls: None }, address, hosts, url })
    }

    /// The address of the listener. If port 0 was configured, the address has the port that the
    /// system chose.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

#[async_trait]
impl Query for ObserveServer {
    async fn serve(self: Box<Self>, view: View, stop: Stop) -> Result<(), Error> {
        let Self { listener, hosts, url, .. } = *self;
        info!(url, "observing");
        let observed = Arc::new(Observed { view, tally: Tally::default(), hosts });
        let service = move |peer: Peer| {
            let observed = Arc::clone(&observed);
            service_fn(move |request: Request<Incoming>| {
                let observed = Arc::clone(&observed);
                async move { Ok::<_, Infallible>(observed.answer(peer.is_crowded, &request).await) }
            })
        };
        l0_http::serve(listener, service, limits(), stop).await;
        Ok(())
    }
}
