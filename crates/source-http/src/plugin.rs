use std::path::Path;
use std::sync::Arc;

use l0_http::{Listen, Token};
use l0_stage::doctor::Examination;
use l0_stage::template::Template;
use l0_stage::{Context, Envelope, Error, Finding, Plugin, Source};

use crate::source::HttpSource;
use crate::{HttpConfig, check, examine};

impl Plugin for HttpConfig {
    const NAME: &'static str = "http";
    const EXAMPLE: &'static str = include_str!("../example.toml");
    type Stage = dyn Source;
    const TEMPLATE: Option<Template> = Some(crate::template::TEMPLATE);

    fn check(&self, _context: &Context) -> Vec<Finding> {
        check::findings(self)
    }

    /// A document is known by its content alone.
    fn envelope(&self) -> Envelope {
        Envelope { has_id: false, has_fixed_time: false, has_headers: false }
    }

    fn summary(&self) -> String {
        let scheme = if self.tls_cert_file.is_some() { "https" } else { "http" };
        format!("POST {scheme}://{}/documents", self.listen)
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

    /// Does not open the port yet: a producer connects too, beside the instance that listens.
    async fn connect(&self, context: &Context) -> Result<Box<dyn Source>, Error> {
        let listen = Listen::parse(&self.listen).map_err(Error::permanent)?;
        let token = Token::of(self.token(), context, self.is_exposed())?;
        let (token, tls) = (token.map(Arc::new), self.tls(context));
        Ok(Box::new(HttpSource::new(listen, token, tls, Arc::new(self.clone()))))
    }
}
