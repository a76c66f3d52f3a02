//! The fastest way from the stream to three places on this machine. Four workers pull, parse
//! and acknowledge. Ids are given out beforehand, nothing is checked, and conflicts are not
//! handled.

mod copy;
mod document;
mod place;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use async_nats::jetstream::consumer::PullConsumer;
use futures_util::TryStreamExt;
use tokio::task::JoinSet;

pub use self::place::Place;
use self::place::Worker;
use crate::cpu;
use crate::drain::{drained, expect, until_empty};
use crate::orders::{Mix, Orders};
use crate::sample::Drained;
use crate::stack::{DURABLE, Stack};

const WORKERS: usize = 4;
const BATCH: usize = 500;

/// Drains a full stream once.
pub async fn measure(
    place: Place,
    stack: &Stack,
    orders: &mut Orders,
    length: usize,
) -> anyhow::Result<Drained> {
    stack.clear().await?;
    let backlog = orders.backlog(length, Mix::default());
    stack.publish(backlog.messages).await?;
    let ids = Arc::new(AtomicI64::new(1));
    let mut ready = Vec::new();
    for _ in 0..WORKERS {
        ready.push(Worker::start(place, &stack.postgres).await?);
    }
    let consumer: PullConsumer =
        stack.stream().await?.get_consumer(DURABLE).await.map_err(anyhow::Error::from_boxed)?;
    let before = stack.service_time()?;
    let own = cpu::of(std::process::id())?;
    let begin = Instant::now();
    let mut workers = JoinSet::new();
    for worker in ready {
        workers.spawn(work(consumer.clone(), worker, Arc::clone(&ids)));
    }
    until_empty(stack).await;
    let elapsed = begin.elapsed();
    let own = cpu::of(std::process::id())? - own;
    let drained = drained(length, elapsed, before, stack.service_time()?, own);
    while let Some(worked) = workers.join_next().await {
        worked??;
    }
    if let Some(table) = place.table() {
        expect(stack, table, backlog.stored).await?;
    }
    Ok(drained)
}

/// Works until the stream is empty.
async fn work(
    consumer: PullConsumer,
    mut worker: Worker,
    ids: Arc<AtomicI64>,
) -> anyhow::Result<()> {
    loop {
        let batch = consumer.fetch().max_messages(BATCH).messages().await?;
        let messages: Vec<_> = batch.try_collect().await.map_err(anyhow::Error::from_boxed)?;
        if messages.is_empty() {
            return Ok(());
        }
        let first = ids.fetch_add(i64::try_from(messages.len())?, Ordering::Relaxed);
        let payloads = messages.iter().map(|message| std::str::from_utf8(&message.payload));
        let payloads: Vec<_> = payloads.collect::<Result<_, _>>()?;
        worker.put(first, &payloads).await?;
        for message in &messages {
            message.ack().await.map_err(anyhow::Error::from_boxed)?;
        }
    }
}
