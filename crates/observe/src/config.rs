use schemars::JsonSchema;
use serde::Deserialize;

/// `[observe]`: the listener for probes and Prometheus, with or without a query stage.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct ObserveConfig {
    /// `host:port` to listen on; port 0 takes a free one. Its answers contain no documents. Causes
    /// of failures name hosts, tables and columns.
    pub listen: String,
    /// Names under which `/api/status` may be requested, beside those of this machine. Requests
    /// under other names are refused. Without a list, they are refused only on a loopback address.
    #[serde(default)]
    pub hosts: Vec<String>,
}
