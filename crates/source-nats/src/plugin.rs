use l0_stage::doctor::Examination;
use l0_stage::template::Template;
use l0_stage::{Context, Envelope, Error, Finding, Plugin, Source};

use crate::link::Link;
use crate::link::address::address;
use crate::source::NatsSource;
use crate::{NatsConfig, check, examine};

impl Plugin for NatsConfig {
    const NAME: &'static str = "nats";
    const EXAMPLE: &'static str = include_str!("../example.toml");
    type Stage = dyn Source;
    const TEMPLATE: Option<Template> = Some(crate::template::TEMPLATE);

    fn check(&self, context: &Context) -> Vec<Finding> {
        check::findings(self, context)
    }

    /// The stream keeps the time at which it stored a message.
    fn envelope(&self) -> Envelope {
        Envelope { has_id: true, has_fixed_time: true, has_headers: true }
    }

    fn summary(&self) -> String {
        let Self { stream, subject, durable, .. } = self;
        let address = address(&self.url);
        format!("nats at {address}, stream {stream}, {subject}, durable {durable}")
    }

    async fn connect(&self, context: &Context) -> Result<Box<dyn Source>, Error> {
        let link = Link::open(self, context).await?;
        Ok(Box::new(NatsSource::start(link, self.clone()).await?))
    }

    async fn examine(&self, context: &Context) -> Examination {
        examine::examine(self, context).await
    }
}
