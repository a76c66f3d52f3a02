use schemars::JsonSchema;
use serde::Deserialize;

/// `[observe]`: the listener for probes and Prometheus, with or without a query stage.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct ObserveConfig {
    /// `host:port` to listen on. Port 0 takes a free port. The answers of this listener contain no
    /// documents, but the causes of failures name hosts, tables and columns.
    pub listen: String,
    /// Host names under which `/api/status` may be requested, beside the names of this machine.
    /// Requests under other names are refused. Without this list, other names are refused only if
    /// `listen` is a loopback address.
    #[serde(default)]
    pub hosts: Vec<String>,
}
