use std::time::Duration;

use futures_util::future::join_all;
use hyper::StatusCode;
use l0_testkit::hostile::{Books, Message, Place, Plan, Schema, Verdict};
use l0_testkit::{Launch, Runtime, eventually};
use tempfile::TempDir;
use tokio::time::{Instant, interval, sleep};

use super::ground::Ground;
use super::report::report;
use super::store::Store;
use crate::stack::{Pipeline, SOON};

/// How often the state is checked, after which a good document may follow.
const FLOW: Duration = Duration::from_millis(100);

/// For how many of these a pipeline must be unready before its database is repaired. That is longer
/// than it tries a document of unclear fault.
const UNREADY: usize = 12;

/// After how many of these the database is repaired in any case: some faults pass by themselves.
const AT_THE_LATEST: usize = 50;

/// Messages on their way to the broker. The client allows at most 5,000.
const UNCONFIRMED: usize = 1_000;

/// A hostile database, what is published for it, and the instances that fill it.
struct Site<'g> {
    ground: &'g Ground,
    schema: Schema,
    place: Place,
    store: Store,
    plan: Plan,
    published: Vec<Message>,
    /// The last good document that was published to keep the pipeline busy.
    followed: Option<Message>,
    /// The log of instances that have ended.
    log: String,
    _folder: TempDir,
}

/// Runs a schema from its first document to its last.
///
/// # Errors
/// What was wrong, and how to repeat it.
pub async fn run(ground: &Ground, schema: &Schema) -> Result<(), String> {
    let (folder, place, store) = ground.lay(schema).await;
    let plan = Plan::new(schema);
    let mut site = Site {
        ground,
        schema: schema.clone(),
        place,
        store,
        plan,
        published: Vec::new(),
        followed: None,
        log: String::new(),
        _folder: folder,
    };
    let verdict = site.run().await;
    match verdict.is_clean() {
        true => Ok(()),
        false => Err(report(schema, &site.place, &verdict, &site.log)),
    }
}

impl Site<'_> {
    async fn run(&mut self) -> Verdict {
        let (status, output) = self.command("migrate").run(SOON).await;
        assert!(status.success(), "{}\n{}", output.stderr, self.schema.sql());
        let mut pipeline = self.begin().await;
        self.publish(self.plan.first.clone()).await;
        let verdict = self.settle(&pipeline).await;
        if !verdict.is_clean() {
            return self.stopped(&pipeline, verdict).await;
        }
        self.store.execute(&self.plan.hiding()).await;
        self.store.execute(&self.schema.breaking()).await;
        self.publish(self.plan.rest.clone()).await;
        for _ in 0..self.schema.kills {
            sleep(Duration::from_millis(fastrand::u64(20..600))).await;
            pipeline.runtime.kill().await;
            self.ended(&pipeline);
            pipeline = self.begin().await;
        }
        for mending in self.schema.mending() {
            self.until_unready(&pipeline).await;
            self.store.execute(mending).await;
        }
        let verdict = self.settle(&pipeline).await;
        match verdict.is_clean() {
            true => self.close(pipeline).await,
            false => self.stopped(&pipeline, verdict).await,
        }
    }

    fn command(&self, verb: &str) -> Launch {
        let launch = Runtime::launch(env!("CARGO_BIN_EXE_l0-runtime")).args([verb]);
        let launch = launch.env("L0_HURRY", self.schema.hurry.to_string()).env("RUST_LOG", "info");
        launch.current_dir(&self.place.folder)
    }

    /// Starts `run`, and waits until its page answers.
    async fn begin(&self) -> Pipeline {
        let pipeline = Pipeline::of(self.command("run").start()).await;
        let stream = self.place.stream();
        eventually(SOON, "a durable", async || {
            let stream = self.ground.jetstream.get_stream(&stream).await.ok()?;
            stream.consumer_info("workers").await.ok()
        })
        .await;
        pipeline
    }

    fn ended(&mut self, pipeline: &Pipeline) {
        self.log.push_str(&pipeline.runtime.output().stderr);
    }

    /// Publishes as fast as possible. Returns when the broker holds all messages.
    async fn publish(&mut self, messages: Vec<Message>) {
        for messages in messages.chunks(UNCONFIRMED) {
            let sent = messages.iter().map(|message| {
                let (subject, payload) = (self.place.name.clone(), message.payload.clone());
                self.ground.jetstream.publish(subject, payload)
            });
            for confirmation in join_all(sent).await {
                confirmation.unwrap().await.unwrap();
            }
        }
        self.published.extend(messages);
    }

    /// Messages that are still in the stream.
    async fn waiting(&self) -> u64 {
        let mut stream = self.ground.jetstream.get_stream(self.place.stream()).await.unwrap();
        stream.info().await.unwrap().state.messages
    }

    /// Waits until the pipeline has been unready for a while, or has recovered.
    async fn until_unready(&mut self, pipeline: &Pipeline) {
        let (mut ticks, mut unready) = (interval(FLOW), 0);
        for _ in 0..AT_THE_LATEST {
            ticks.tick().await;
            let is_ready = pipeline.get("/readyz").await.status == StatusCode::OK;
            unready = if is_ready { 0 } else { unready + 1 };
            let verdict = self.look(pipeline).await;
            if unready >= UNREADY || verdict.is_clean() || !verdict.mistakes.is_empty() {
                return;
            }
        }
    }

    /// Waits until nothing is missing, or a mistake is final.
    async fn settle(&mut self, pipeline: &Pipeline) -> Verdict {
        let (mut ticks, deadline) = (interval(FLOW), Instant::now() + SOON);
        loop {
            ticks.tick().await;
            let verdict = self.look(pipeline).await;
            if verdict.is_clean() || !verdict.mistakes.is_empty() || Instant::now() > deadline {
                return verdict;
            }
        }
    }

    /// The present verdict. While something is missing, a good document follows as soon as the last
    /// one is stored, because some documents wait for commits of others.
    async fn look(&mut self, pipeline: &Pipeline) -> Verdict {
        let books = self.books(&pipeline.runtime.output().stderr).await;
        let verdict = self.schema.judge(&self.published, &books);
        let flows = self.followed.as_ref().is_none_or(|last| books.hold(last));
        if flows && !verdict.is_clean() {
            let good = self.plan.good();
            self.followed = Some(good.clone());
            self.publish(vec![good]).await;
        }
        verdict
    }

    async fn books(&self, log: &str) -> Books {
        Books { log: self.log.clone() + log, ..self.store.books().await }
    }

    /// The verdict on a run that is given up.
    async fn stopped(&mut self, pipeline: &Pipeline, mut verdict: Verdict) -> Verdict {
        self.ended(pipeline);
        let waiting = self.waiting().await;
        verdict.missing.push(format!("{waiting} messages are still in the stream"));
        verdict
    }

    /// Drains the instance once nothing waits, and checks that nothing changes any more.
    async fn close(&mut self, pipeline: Pipeline) -> Verdict {
        let (deadline, mut ticks) = (Instant::now() + SOON, interval(FLOW));
        while self.waiting().await > 0 {
            if Instant::now() > deadline {
                return self.stopped(&pipeline, Verdict::default()).await;
            }
            ticks.tick().await;
        }
        self.log.push_str(&pipeline.drain().await.stderr);
        self.schema.judge(&self.published, &self.books("").await)
    }
}
