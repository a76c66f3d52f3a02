//! The time from publish to queryable.

use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};
use std::{future::IntoFuture, thread};

use anyhow::{Context, anyhow};
use l0_testkit::Postgres;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use crate::orders::Orders;
use crate::ready::until_ready;
use crate::sample::Latency;
use crate::stack::{PATIENCE, SUBJECT, Stack};

/// A thousand orders per second.
const EVERY: Duration = Duration::from_millis(1);

/// Pause between two looks. A measured time is too long by up to this pause and one look.
const PAUSE: Duration = Duration::from_micros(200);

/// An order that was just published: its key, and when.
type Published = (String, Instant);

/// Measures the time from publish to queryable, at a thousand orders per second, for this many
/// orders.
///
/// A look is a `SELECT` by key on a separate connection. It looks for one order at a time, and
/// takes the next published one after the last was found. So the orders are a sample, and looks
/// never queue up.
pub async fn measure(
    stack: &Stack,
    orders: &mut Orders,
    binary: &Path,
    length: usize,
) -> anyhow::Result<Latency> {
    stack.clear().await?;
    let runtime = stack.command(binary).args(["run"]).start();
    until_ready(&runtime).await?;
    let (offer, next) = sync_channel(0);
    let options = options(&stack.postgres);
    let looking = thread::spawn(move || look(options, &next));
    publish(stack, orders, length, offer).await?;
    let found = looking.join().map_err(|_| anyhow!("the looking thread panicked"))??;
    runtime.term();
    runtime.wait(PATIENCE).await;
    percentiles(found)
}

fn options(postgres: &Postgres) -> PgConnectOptions {
    postgres.options().socket(postgres.socket_dir())
}

async fn publish(
    stack: &Stack,
    orders: &mut Orders,
    length: usize,
    offer: SyncSender<Published>,
) -> anyhow::Result<()> {
    let mut clock = interval(EVERY);
    clock.set_missed_tick_behavior(MissedTickBehavior::Burst);
    // Awaited while others are sent: the client allows at most 5,000 outstanding acks.
    let mut acks = JoinSet::new();
    for _ in 0..length {
        clock.tick().await;
        let (key, order) = orders.order();
        let message = order.to_string();
        let published = Instant::now();
        acks.spawn(stack.jetstream.publish(SUBJECT, message.into()).await?.into_future());
        // If the channel is full, no look is free, and this order is not in the sample.
        let _ = offer.try_send((key, published));
    }
    while let Some(ack) = acks.join_next().await {
        ack??;
    }
    Ok(())
}

/// Runs on a separate thread, which may sleep for less than a timer's tick.
fn look(options: PgConnectOptions, next: &Receiver<Published>) -> anyhow::Result<Vec<Duration>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut connection = runtime.block_on(PgConnection::connect_with(&options))?;
    let mut found = Vec::new();
    while let Ok((key, published)) = next.recv() {
        while !runtime.block_on(is_stored(&mut connection, &key))? {
            anyhow::ensure!(published.elapsed() < PATIENCE, "order {key} never came");
            thread::sleep(PAUSE);
        }
        found.push(published.elapsed());
    }
    Ok(found)
}

async fn is_stored(connection: &mut PgConnection, key: &str) -> sqlx::Result<bool> {
    let query = sqlx::query("SELECT FROM orders WHERE track_number = $1").bind(key);
    Ok(query.fetch_optional(connection).await?.is_some())
}

fn percentiles(mut found: Vec<Duration>) -> anyhow::Result<Latency> {
    found.sort_unstable();
    let at = |percent: usize| {
        let place = found.len().saturating_sub(1) * percent / 100;
        let duration = found.get(place).context("not one order was looked for")?;
        anyhow::Ok(duration.as_secs_f64() * 1e3)
    };
    Ok(Latency { samples: found.len(), p50_milliseconds: at(50)?, p99_milliseconds: at(99)? })
}
