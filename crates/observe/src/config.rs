use l0_http::{Hosts, Listen, check_port};
use l0_stage::doctor::{Check, Examination};
use l0_stage::{Context, Error, Finding, Plugin, Query};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::ObserveServer;

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

impl Plugin for ObserveConfig {
    const NAME: &'static str = "observe";
    const EXAMPLE: &'static str = include_str!("../example.toml");
    type Stage = dyn Query;

    fn check(&self, _context: &Context) -> Vec<Finding> {
        let listen = Listen::parse(&self.listen).err().map(|problem| {
            Finding::new("listen", problem.to_string())
                .help("write host:port, for example `127.0.0.1:9464`")
        });
        listen.into_iter().chain(Hosts::finding(&self.hosts)).collect()
    }

    fn summary(&self) -> String {
        format!("http on {}", self.listen)
    }

    fn url(&self) -> Option<String> {
        let listen = Listen::parse(&self.listen).ok()?;
        Some(listen.url(listen.port, false))
    }

    async fn examine(&self, _context: &Context) -> Examination {
        let mut checks = vec![check_port(&self.listen, "observe", None).await];
        checks.extend(self.exposure().await);
        checks.into()
    }

    async fn connect(&self, _context: &Context) -> Result<Box<dyn Query>, Error> {
        Ok(Box::new(ObserveServer::bind(self).await?))
    }
}

impl ObserveConfig {
    async fn exposure(&self) -> Option<Check> {
        let listen = Listen::parse(&self.listen).ok()?;
        if listen.is_local().await {
            return None;
        }
        let message = format!(
            "everyone who can reach `{}` can read the state of the pipeline, but no document and no configuration",
            self.listen
        );
        let help = "listen on 127.0.0.1, or restrict access by a firewall";
        Some(Check::warning("reach", Finding::new("listen", message).help(help)))
    }
}
