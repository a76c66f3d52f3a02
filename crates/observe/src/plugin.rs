use l0_http::{Hosts, Listen, check_port};
use l0_stage::doctor::{Check, Examination};
use l0_stage::{Context, Error, Finding, Plugin, Query};

use crate::{ObserveConfig, ObserveServer};

impl Plugin for ObserveConfig {
    const NAME: &'static str = "observe";
    const EXAMPLE: &'static str = include_str!("../example.toml");
    type Stage = dyn Query;

    fn check(&self, _context: &Context) -> Vec<Finding> {
        let listen = Listen::finding(&self.listen, "127.0.0.1:9464");
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
