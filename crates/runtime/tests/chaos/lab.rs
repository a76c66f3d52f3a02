//! Services whose links can be broken, a producer that keeps a ledger, and the verdict.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_nats::jetstream::{self, consumer};
use l0_testkit::ledger::{Books, Ledger, Letter};
use l0_testkit::{Link, Proxy, eventually};
use sqlx::Row;

use crate::orders::{RULE, order};
use crate::producer::Producer;
use crate::stack::{Pipeline, SOON, Stack};

/// Messages per second while faults happen.
pub const RATE: usize = 1_500;

/// Messages that wait before a fault, so that it does not hit an idle pipeline.
const BACKLOG: usize = 4_000;

/// How long the slowest machine may take to process what is left after the faults.
const DRAINED: Duration = Duration::from_secs(180);

pub struct Lab {
    pub stack: Stack,
    pub nats_link: Proxy,
    pub postgres_link: Proxy,
    pub ledger: Arc<Ledger>,
    pub producer: Producer,
    jetstream: jetstream::Context,
    log: String,
}

/// Whether this is the long form, and how often it kills at random.
pub fn long() -> Option<usize> {
    let form = std::env::var("L0_CHAOS").ok()?;
    Some(form.parse().unwrap_or(30))
}

impl Lab {
    /// Starts the services and an empty stream with its durable. No instance runs.
    pub async fn start() -> Self {
        let seed = std::env::var("L0_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = seed.unwrap_or_else(|| std::process::id().into());
        println!("L0_SEED={seed}");
        let mut stack = Stack::start().await;
        let nats_link = Proxy::start(stack.nats.port()).await;
        let postgres_link = Proxy::start(stack.postgres.port()).await;
        stack.set("NATS_PORT", nats_link.port().to_string());
        stack.set("PG_PORT", postgres_link.port().to_string());
        stack.set("WORKER_QUANTITY", "10").set("RUST_LOG", "info,l0_engine::work::store=debug");
        sqlx::query(RULE).execute(&mut stack.admin().await).await.unwrap();
        stack.run().await.drain().await;

        let ledger = Arc::new(Ledger::new(seed, order));
        let producer = Producer::connect(stack.nats.url(), ledger.clone()).await;
        let jetstream = stack.jetstream().await;
        Self { stack, nats_link, postgres_link, ledger, producer, jetstream, log: String::new() }
    }

    /// Sends SIGKILL as soon as messages are in hand: a kill while idle would prove nothing.
    pub async fn kill(&mut self, pipeline: Pipeline) {
        eventually(SOON, "work in hand", async || (self.waiting().await?.0 > 0).then_some(()))
            .await;
        pipeline.runtime.kill().await;
        self.ended(&pipeline);
    }

    /// Keeps the log of an instance that has ended.
    pub fn ended(&mut self, pipeline: &Pipeline) {
        self.log.push_str(&pipeline.runtime.output().stderr);
    }

    /// The logs of all instances that have ended.
    pub fn log(&self) -> &str {
        &self.log
    }

    /// Deliveries in hand and messages in the stream, if the broker answers.
    pub async fn waiting(&self) -> Option<(usize, u64)> {
        let mut stream = self.jetstream.get_stream("ORDERS").await.ok()?;
        let messages = stream.info().await.ok()?.state.messages;
        let durable = stream.consumer_info("order-workers").await.ok()?;
        Some((durable.num_ack_pending, messages))
    }

    /// Awaits a commit that is newer than this call.
    pub async fn until_it_flows(&self) {
        let begun = Instant::now();
        let mut admin = self.stack.admin().await;
        let newest = "SELECT coalesce(max(id), 0) FROM orders";
        let before: i64 = sqlx::query_scalar(newest).fetch_one(&mut admin).await.unwrap();
        eventually(SOON, "a new commit", async || {
            let now: i64 = sqlx::query_scalar(newest).fetch_one(&mut admin).await.ok()?;
            (now > before).then_some(())
        })
        .await;
        println!("flows again after {:?}", begun.elapsed());
    }

    /// Waits until nothing waits in the stream and nothing is in hand.
    pub async fn until_idle(&self) {
        eventually(DRAINED, "an empty stream", async || {
            (self.waiting().await? == (0, 0)).then_some(())
        })
        .await;
    }

    /// What the database holds.
    async fn books(&self) -> Books {
        let mut admin = self.stack.admin().await;
        let documents: Vec<String> = sqlx::query_scalar("SELECT document::text FROM orders")
            .fetch_all(&mut admin)
            .await
            .unwrap();
        let items: i64 = sqlx::query_scalar("SELECT count(DISTINCT order_id) FROM order_items")
            .fetch_one(&mut admin)
            .await
            .unwrap();
        let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM order_items")
            .fetch_one(&mut admin)
            .await
            .unwrap();
        let orders = i64::try_from(documents.len()).unwrap();
        assert_eq!((items, rows), (orders, orders), "each order has its one item");
        let letters = "SELECT concat_ws(' ', stream, stream_created, sequence), payload, reason FROM dead_letters";
        let letters = sqlx::query(letters).fetch_all(&mut admin).await.unwrap();
        let letters = letters.iter().map(|row| Letter {
            message: row.get(0),
            payload: row.get::<Vec<u8>, _>(1).into(),
            reason: row.get(2),
        });
        Books {
            documents: documents.into_iter().map(Into::into).collect(),
            letters: letters.collect(),
        }
    }

    /// Checks that new messages still flow and everything is processed, drains the instance, and
    /// checks the books.
    pub async fn verdict(&mut self, pipeline: Pipeline) {
        self.producer.burst(50).await;
        self.until_idle().await;
        self.log.push_str(&pipeline.drain().await.stderr);
        let books = self.books().await;
        let mistakes = self.ledger.judge(&books);
        let totals = self.ledger.totals();
        let (documents, letters) = (books.documents.len(), books.letters.len());
        println!("{totals:?}: {documents} documents, {letters} letters");
        assert!(
            mistakes.is_empty(),
            "{} mistakes:\n{}",
            mistakes.len(),
            mistakes[..mistakes.len().min(20)].join("\n")
        );
    }

    /// A run without the contents that it is about proves nothing.
    pub async fn saw_everything(&self) {
        let totals = self.ledger.totals();
        assert!(totals.repeats > 0, "no duplicate was published");
        assert!(self.log.contains("halving a batch"), "no batch was bisected");
        assert!(self.redeliveries().await > 0, "nothing was delivered twice");
    }

    /// How many deliveries were of messages that had been delivered before.
    pub async fn redeliveries(&self) -> u64 {
        let delivered = self.durable().await.unwrap().delivered;
        let again = delivered.consumer_sequence - delivered.stream_sequence;
        println!("{again} redeliveries");
        again
    }

    /// The durable, if there is one.
    pub async fn durable(&self) -> Option<consumer::Info> {
        let stream = self.jetstream.get_stream("ORDERS").await.ok()?;
        stream.consumer_info("order-workers").await.ok()
    }

    pub async fn delete_stream(&self) {
        self.jetstream.delete_stream("ORDERS").await.unwrap();
    }
}

/// Makes a fault while messages flow and a backlog waits, ends it, and then kills the instance.
/// Each time messages must flow again without help, and at the end the books must balance.
pub async fn survives(fault: impl AsyncFnOnce(&mut Lab, &Pipeline)) {
    let mut lab = Lab::start().await;
    lab.producer.burst(BACKLOG).await;
    let flow = lab.producer.flow(RATE);
    let pipeline = lab.stack.run().await;
    lab.until_it_flows().await;
    assert!(lab.waiting().await.unwrap().1 > 0, "the fault would hit an idle pipeline");

    fault(&mut lab, &pipeline).await;
    lab.nats_link.set(Link::Pass);
    lab.postgres_link.set(Link::Pass);
    lab.until_it_flows().await;

    lab.kill(pipeline).await;
    let pipeline = lab.stack.run().await;
    lab.until_it_flows().await;
    flow.stop().await;
    lab.verdict(pipeline).await;
    lab.saw_everything().await;
}
