//! The fastest way from the stream into the same tables that this machine has: `COPY` of both
//! tables in one transaction over the unix socket, ids given out beforehand, nothing checked, no
//! conflicts handled.

mod copy;
mod document;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use async_nats::jetstream::consumer::PullConsumer;
use futures_util::TryStreamExt;
use l0_testkit::Postgres;
use sqlx::{Connection, Executor, PgConnection};
use tokio::task::JoinSet;

use self::copy::{ITEMS, ORDERS, Rows};
use self::document::Order;
use crate::cpu;
use crate::drain::{drained, expect, until_empty};
use crate::orders::{Mix, Orders};
use crate::report::Drained;
use crate::stack::{DURABLE, Stack};

const CONNECTIONS: usize = 4;
const BATCH: usize = 500;

/// From a full stream to an empty one, once.
pub async fn measure(stack: &Stack, orders: &mut Orders, length: usize) -> anyhow::Result<Drained> {
    stack.clear().await?;
    let backlog = orders.backlog(length, Mix::default());
    stack.publish(backlog.messages).await?;
    let ids = Arc::new(AtomicI64::new(1));
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        connections.push(connect(&stack.postgres).await?);
    }
    let consumer: PullConsumer =
        stack.stream().await?.get_consumer(DURABLE).await.map_err(anyhow::Error::from_boxed)?;
    let before = stack.service_time()?;
    let own = cpu::of(std::process::id())?;
    let begin = Instant::now();
    let mut workers = JoinSet::new();
    for connection in connections {
        workers.spawn(work(consumer.clone(), connection, Arc::clone(&ids)));
    }
    until_empty(stack).await;
    let elapsed = begin.elapsed();
    let own = cpu::of(std::process::id())? - own;
    let drained = drained(length, elapsed, before, stack.service_time()?, own);
    while let Some(worked) = workers.join_next().await {
        worked??;
    }
    expect(stack, "orders", backlog.stored).await?;
    Ok(drained)
}

async fn connect(postgres: &Postgres) -> anyhow::Result<PgConnection> {
    Ok(PgConnection::connect_with(&postgres.options().socket(postgres.socket_dir())).await?)
}

/// Until the stream is empty.
async fn work(
    consumer: PullConsumer,
    mut connection: PgConnection,
    ids: Arc<AtomicI64>,
) -> anyhow::Result<()> {
    loop {
        let batch = consumer.fetch().max_messages(BATCH).messages().await?;
        let messages: Vec<_> = batch.try_collect().await.map_err(anyhow::Error::from_boxed)?;
        if messages.is_empty() {
            return Ok(());
        }
        let first = ids.fetch_add(i64::try_from(messages.len())?, Ordering::Relaxed);
        let (mut orders, mut items) = (Rows::default(), Rows::default());
        for (id, message) in (first..).zip(&messages) {
            let payload = std::str::from_utf8(&message.payload)?;
            Order::parse(payload)?.write(id, payload, &mut orders, &mut items)?;
        }
        store(&mut connection, orders, items).await?;
        for message in &messages {
            message.ack().await.map_err(anyhow::Error::from_boxed)?;
        }
    }
}

async fn store(connection: &mut PgConnection, orders: Rows, items: Rows) -> anyhow::Result<()> {
    connection.execute("BEGIN").await?;
    for (statement, rows) in [(ORDERS, orders), (ITEMS, items)] {
        let mut copy = connection.copy_in_raw(statement).await?;
        copy.send(rows.finish()).await?;
        copy.finish().await?;
    }
    connection.execute("COMMIT").await?;
    Ok(())
}
