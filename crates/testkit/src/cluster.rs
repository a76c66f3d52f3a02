//! A cluster of three nats-servers.

use std::time::Duration;

use crate::port::Port;
use crate::{NatsServer, eventually};

/// How long three servers may take to find each other and to elect a leader.
const PATIENCE: Duration = Duration::from_secs(60);

/// Three nats-servers that form a cluster.
pub struct NatsCluster {
    /// `node-0` to `node-2`.
    pub nodes: Vec<NatsServer>,
    _routes: Vec<Port>,
}

impl NatsCluster {
    /// Starts a cluster. It can create streams when this returns.
    ///
    /// # Panics
    /// It cannot be started.
    pub async fn start() -> Self {
        let routes = [Port::free(), Port::free(), Port::free()];
        let ports = routes.each_ref().map(Port::number);
        let [first, second, third] = [0, 1, 2].map(|at| config(at, &ports));
        let nodes = tokio::join!(
            NatsServer::with_config(&first),
            NatsServer::with_config(&second),
            NatsServer::with_config(&third),
        );
        let nodes = vec![nodes.0, nodes.1, nodes.2];
        eventually(PATIENCE, "a leader that all three know", async || {
            nodes.iter().all(knows_leader).then_some(())
        })
        .await;
        Self { nodes, _routes: routes.into() }
    }

    /// The index of the node with this name, as JetStream reports it.
    ///
    /// # Panics
    /// No node has the name.
    #[must_use]
    pub fn place(&self, name: &str) -> usize {
        let place = (0..self.nodes.len()).find(|at| name == format!("node-{at}"));
        place.unwrap_or_else(|| panic!("no node `{name}`"))
    }
}

/// The leader itself logs it in other words.
fn knows_leader(node: &NatsServer) -> bool {
    let log = node.log();
    ["new metadata leader", "new JetStream cluster metadata leader"]
        .iter()
        .any(|it| log.contains(it))
}

fn config(at: usize, ports: &[u16]) -> String {
    let routes = ports.iter().map(|port| format!("nats://127.0.0.1:{port}")).collect::<Vec<_>>();
    let (routes, own) = (routes.join(", "), ports[at]);
    format!(
        "server_name: node-{at}
         cluster {{ name: cluster, listen: \"127.0.0.1:{own}\", routes: [{routes}] }}"
    )
}
