use std::sync::Arc;
use std::time::Duration;

use l0_stage::observe::{Backlog, Degraded, Measure, Progress};
use l0_stage::{Bytes, Delivery, Error, Publisher, Source, Stop, async_trait};

use super::receipt::contained;
use super::{Contain, Guard};

struct Contained {
    stage: Box<dyn Source>,
    guard: Guard,
}

impl Contain for dyn Source {
    fn contained(self: Box<Self>, guard: Guard) -> Box<Self> {
        Box::new(Contained { stage: self, guard })
    }
}

#[async_trait]
impl Source for Contained {
    async fn receive(&self, max: usize, stop: &Stop) -> Result<Option<Vec<Delivery>>, Error> {
        let received = self.guard.attempt(self.stage.receive(max, stop)).await?;
        let contained = |delivery| contained(delivery, &self.guard);
        Ok(received.map(|deliveries| deliveries.into_iter().map(contained).collect()))
    }

    async fn answered(&self) {
        if self.guard.wait(self.stage.answered()).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    fn extend_every(&self) -> Option<Duration> {
        self.guard.call(|| self.stage.extend_every()).unwrap_or_default()
    }

    fn publisher(&self) -> Option<Arc<dyn Publisher>> {
        let publisher = self.guard.call(|| self.stage.publisher()).unwrap_or_default()?;
        Some(Arc::new(ContainedPublisher { publisher, guard: self.guard.clone() }))
    }

    fn backlog(&self) -> Option<Backlog> {
        self.guard.call(|| self.stage.backlog()).unwrap_or_default()
    }

    fn degraded(&self) -> Vec<Degraded> {
        self.guard.call(|| self.stage.degraded()).unwrap_or_default()
    }

    fn measures(&self) -> Vec<Measure> {
        self.guard.call(|| self.stage.measures()).unwrap_or_default()
    }

    fn progress(&self) -> Option<Progress> {
        self.guard.call(|| self.stage.progress()).unwrap_or_default()
    }

    fn most_given_back(&self) -> usize {
        self.guard.call(|| self.stage.most_given_back()).unwrap_or_default()
    }

    async fn before_settling(&self) -> Result<(), Error> {
        self.guard.attempt(self.stage.before_settling()).await
    }

    async fn close(&self) -> Result<(), Error> {
        self.guard.attempt(self.stage.close()).await
    }
}

struct ContainedPublisher {
    publisher: Arc<dyn Publisher>,
    guard: Guard,
}

#[async_trait]
impl Publisher for ContainedPublisher {
    async fn publish(&self, payload: Bytes) -> Result<(), Error> {
        self.guard.attempt(self.publisher.publish(payload)).await
    }
}
