use std::path::Path;

use l0_http::Listen;
use l0_stage::doctor::Examination;
use l0_stage::template::Template;
use l0_stage::{Context, Error, Finding, Plugin, Query};

use crate::{HttpConfig, HttpServer, check, examine};

impl Plugin for HttpConfig {
    const NAME: &'static str = "http";
    const EXAMPLE: &'static str = include_str!("../example.toml");
    type Stage = dyn Query;
    const TEMPLATE: Option<Template> = Some(crate::template::TEMPLATE);

    fn check(&self, context: &Context) -> Vec<Finding> {
        check::findings(self, context)
    }

    fn summary(&self) -> String {
        let Self { listen, cache_size, .. } = self;
        let scheme = if self.tls_cert_file.is_some() { "https" } else { "http" };
        match cache_size {
            0 => format!("{scheme} on {listen}, no cache"),
            _ => format!("{scheme} on {listen}, cache of {cache_size} documents"),
        }
    }

    fn url(&self) -> Option<String> {
        let listen = Listen::parse(&self.listen).ok()?;
        Some(listen.url(listen.port, self.tls_cert_file.is_some()))
    }

    fn certificate(&self) -> Option<&Path> {
        self.tls_cert_file.as_deref()
    }

    async fn examine(&self, context: &Context) -> Examination {
        examine::examine(self, context).await
    }

    async fn connect(&self, context: &Context) -> Result<Box<dyn Query>, Error> {
        Ok(Box::new(self.bind(context).await?))
    }
}

impl HttpConfig {
    /// Opens the port, so that serving cannot fail because of it later.
    ///
    /// # Errors
    /// [`Error::Permanent`] if the address does not exist or is in use.
    pub async fn bind(&self, context: &Context) -> Result<HttpServer, Error> {
        HttpServer::bind(self, context).await
    }
}
