use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::{self, context::ContextBuilder};
use l0_testkit::ledger::{Intent, Ledger};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{interval, timeout};

/// How often a flow publishes some messages.
const TICK: Duration = Duration::from_millis(10);

/// How long a publisher waits for an answer. After it, it does not know whether the message
/// arrived.
const PATIENCE: Duration = Duration::from_secs(5);

/// Publishes the messages of a ledger directly to the broker.
#[derive(Clone)]
pub struct Producer {
    jetstream: jetstream::Context,
    ledger: Arc<Ledger>,
}

/// A steady stream of messages in the background.
pub struct Flow {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Producer {
    pub async fn connect(url: String, ledger: Arc<Ledger>) -> Self {
        let client = async_nats::connect(url).await.unwrap();
        let jetstream = ContextBuilder::new().timeout(PATIENCE).ack_timeout(PATIENCE).build(client);
        Self { jetstream, ledger }
    }

    /// Publishes the mix as fast as possible. Returns once the broker has answered for all
    /// messages.
    pub async fn burst(&self, messages: usize) {
        self.publish((0..messages).map(|_| self.ledger.intend())).await;
    }

    /// Publishes exactly these, in this order. Returns once the broker has answered for all.
    pub async fn publish(&self, intents: impl IntoIterator<Item = Intent>) {
        let mut confirmations = JoinSet::new();
        for intent in intents {
            self.send(intent, &mut confirmations).await;
        }
        confirmations.join_all().await;
    }

    /// Publishes the mix at this rate until it is stopped. Messages that a fault held up follow
    /// after it.
    pub fn flow(&self, per_second: usize) -> Flow {
        let (stop, mut stopped) = watch::channel(false);
        let producer = self.clone();
        let task = tokio::spawn(async move {
            let mut ticks = interval(TICK);
            let mut confirmations = JoinSet::new();
            while !*stopped.borrow_and_update() {
                ticks.tick().await;
                for _ in 0..per_second / 100 {
                    producer.send(producer.ledger.intend(), &mut confirmations).await;
                }
                while confirmations.try_join_next().is_some() {}
            }
            confirmations.join_all().await;
        });
        Flow { stop, task }
    }

    async fn send(&self, intent: Intent, confirmations: &mut JoinSet<()>) {
        let Intent { number, payload } = intent;
        let sent = timeout(PATIENCE, self.jetstream.publish("order", payload)).await;
        let Ok(Ok(confirmation)) = sent else { return };
        let ledger = self.ledger.clone();
        confirmations.spawn(async move {
            if let Ok(Ok(_)) = timeout(PATIENCE, confirmation).await {
                ledger.confirm(number);
            }
        });
    }
}

impl Flow {
    /// Returns once the broker has answered for the last message.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        self.task.await.unwrap();
    }
}
