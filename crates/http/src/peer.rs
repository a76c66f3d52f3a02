use crate::Client;

/// The other end of a connection.
#[derive(Debug, Clone, Copy)]
pub struct Peer {
    /// The client that its limits and counts belong to.
    pub client: Client,
    /// Whether it is a trusted proxy, which forwards requests of other clients.
    pub is_proxy: bool,
    /// Whether a limit of connections is reached, so that only probes are answered on this one.
    pub is_crowded: bool,
}
