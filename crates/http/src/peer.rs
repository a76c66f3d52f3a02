use crate::Client;

/// Who is at the other end of a connection.
#[derive(Debug, Clone, Copy)]
pub struct Peer {
    /// Whose it is.
    pub client: Client,
    /// Whether it is a trusted proxy, which hands on requests of others.
    pub is_proxy: bool,
    /// Whether its client, or all together, have as many connections as they may: only probes are to be
    /// answered on it.
    pub is_crowded: bool,
}
