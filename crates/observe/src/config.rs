use schemars::JsonSchema;
use serde::Deserialize;

/// `[observe]`: where probes and Prometheus ask how this instance does, with or without a query stage.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct ObserveConfig {
    /// `host:port` to listen on; port 0 takes a free one. Nothing here holds a document; causes of
    /// failures name hosts, tables and columns.
    pub listen: String,
    /// Names under which `/api/status` is asked, beside those of this machine. Requests under other names
    /// are refused; without a list, on a loopback address alone.
    #[serde(default)]
    pub hosts: Vec<String>,
}
