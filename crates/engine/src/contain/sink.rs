use std::sync::Arc;

use l0_stage::letters::DeadLetters;
use l0_stage::observe::{Degraded, Measure};
use l0_stage::{Error, Reader, Sink, Writer, async_trait};

use super::letters::ContainedLetters;
use super::reader::ContainedReader;
use super::writer::ContainedWriter;
use super::{Contain, Guard};

struct Contained {
    stage: Arc<dyn Sink>,
    guard: Guard,
}

impl Contain for dyn Sink {
    fn contained(self: Box<Self>, guard: Guard) -> Box<Self> {
        Box::new(Contained { stage: self.into(), guard })
    }
}

impl Contained {
    fn letters(
        &self,
        of: impl FnOnce() -> Option<Arc<dyn DeadLetters>>,
    ) -> Option<Arc<dyn DeadLetters>> {
        let letters = self.guard.call(of).unwrap_or_default()?;
        Some(Arc::new(ContainedLetters { letters, guard: self.guard.clone() }))
    }
}

#[async_trait]
impl Sink for Contained {
    async fn writer(&self) -> Result<Box<dyn Writer>, Error> {
        let writer = ContainedWriter::open(Arc::clone(&self.stage), self.guard.clone()).await?;
        Ok(Box::new(writer))
    }

    fn reader(&self) -> Option<Arc<dyn Reader>> {
        let reader = self.guard.call(|| self.stage.reader()).unwrap_or_default()?;
        Some(Arc::new(ContainedReader { reader, guard: self.guard.clone() }))
    }

    fn dead_letters(&self) -> Option<Arc<dyn DeadLetters>> {
        self.letters(|| self.stage.dead_letters())
    }

    fn dead_letters_of(&self, pipeline: &str) -> Option<Arc<dyn DeadLetters>> {
        self.letters(|| self.stage.dead_letters_of(pipeline))
    }

    fn degraded(&self) -> Vec<Degraded> {
        self.guard.call(|| self.stage.degraded()).unwrap_or_default()
    }

    fn measures(&self) -> Vec<Measure> {
        self.guard.call(|| self.stage.measures()).unwrap_or_default()
    }
}
