#![doc = include_str!("../README.md")]

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use l0_stage::anyhow::Context as _;
use l0_stage::time::OffsetDateTime;
use l0_stage::{
    Bytes, Context, Delivery, Error, Message, Origin, Plugin, Source, Stop, Verdict, Why,
    async_trait,
};
use tokio::time::Instant;

/// `[source.sample_name]`
#[derive(Debug, l0_stage::serde::Deserialize, l0_stage::schemars::JsonSchema)]
#[serde(crate = "l0_stage::serde")]
#[schemars(crate = "l0_stage::schemars")]
pub struct SampleNameConfig {
    /// The file whose lines are delivered.
    path: PathBuf,
}

impl Plugin for SampleNameConfig {
    const NAME: &'static str = "sample_name";
    const EXAMPLE: &'static str = include_str!("../example.toml");
    type Stage = dyn Source;

    fn summary(&self) -> String {
        format!("lines of {}", self.path.display())
    }

    async fn connect(&self, context: &Context) -> Result<Box<dyn Source>, Error> {
        // Next: connect to your service. Here the whole input is read at once.
        let text = std::fs::read(context.path(&self.path)).context("cannot read the file");
        let text = text.map_err(|error| Error::retryable(Why::Unreachable, error))?;
        let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let stream: Arc<str> = self.path.display().to_string().into();
        let messages = lines.zip(1..).map(|(line, number)| message(&stream, line, number));
        let now = Instant::now();
        let waiting = messages.map(|message| (now, message)).collect();
        Ok(Box::new(SampleName(Arc::new(Mutex::new(Queue { waiting, open: 0 })))))
    }
}

fn message(stream: &Arc<str>, line: &[u8], sequence: u64) -> Message {
    let origin = Origin {
        stream: Arc::clone(stream),
        stream_created: None,
        sequence,
        published: OffsetDateTime::now_utc(),
        attempt: 1,
    };
    let (subject, headers) = (stream.to_string(), Bytes::new());
    Message { origin, subject, headers, payload: Bytes::copy_from_slice(line) }
}

struct SampleName(Arc<Mutex<Queue>>);

struct Queue {
    /// Each with the instant before which it is not delivered.
    waiting: VecDeque<(Instant, Message)>,
    /// Deliveries that are neither settled nor dropped.
    open: usize,
}

impl Queue {
    fn take(&mut self, max: usize) -> Vec<Message> {
        let now = Instant::now();
        let (due, later) = self.waiting.drain(..).partition::<VecDeque<_>, _>(|it| it.0 <= now);
        self.waiting = later;
        let mut due = due.into_iter().map(|(_, message)| message);
        let batch: Vec<_> = due.by_ref().take(max).collect();
        due.rev().for_each(|message| self.waiting.push_front((now, message)));
        self.open += batch.len();
        batch
    }
}

#[async_trait]
impl Source for SampleName {
    async fn receive(&self, max: usize, stop: &Stop) -> Result<Option<Vec<Delivery>>, Error> {
        loop {
            let (batch, is_done) = {
                let mut queue = lock(&self.0);
                let batch = queue.take(max);
                (batch, queue.open == 0 && queue.waiting.is_empty())
            };
            if !batch.is_empty() {
                return Ok(Some(
                    batch.into_iter().map(|message| deliver(message, &self.0)).collect(),
                ));
            }
            // What is open may come again: the input has not ended yet.
            if is_done || stop.is_requested() {
                return Ok(None);
            }
            tokio::select! {
                () = stop.requested() => {}
                () = tokio::time::sleep(Duration::from_millis(20)) => {}
            }
        }
    }
}

/// Next: remember what was settled where your service keeps it; here it is forgotten at the end.
fn deliver(message: Message, queue: &Arc<Mutex<Queue>>) -> Delivery {
    let queue = Arc::clone(queue);
    // Called once: with the verdict, or without one if the receipt was dropped.
    Delivery::held(message, move |message, verdict| {
        let mut queue = lock(&queue);
        queue.open -= 1;
        match verdict {
            None => queue.waiting.push_back((Instant::now(), message)),
            Some(Verdict::Returned(delay)) => {
                queue.waiting.push_back((Instant::now() + delay, message));
            }
            Some(_) => {}
        }
    })
}

fn lock(queue: &Mutex<Queue>) -> MutexGuard<'_, Queue> {
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}
