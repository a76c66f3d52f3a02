//! The services, the binary with the shipped `pipeline.toml`, and a user's actions.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use async_nats::jetstream;
use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper::header::HeaderMap;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use l0_testkit::{Launch, NatsServer, Output, Postgres, Runtime, eventually};
use sqlx::PgConnection;
use tokio::net::TcpStream;

/// Five times what the product promises for anything that is awaited.
pub const SOON: Duration = Duration::from_secs(50);

/// The root of the project, where `pipeline.toml` is.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// NATS and a migrated Postgres, and the variables that lead to them.
pub struct Stack {
    pub nats: NatsServer,
    pub postgres: Postgres,
    variables: BTreeMap<&'static str, String>,
}

impl Stack {
    /// Services that are started and migrated.
    pub async fn start() -> Self {
        let stack = Self::unmigrated().await;
        let (status, output) = stack.command(["migrate"]).run(SOON).await;
        assert!(status.success(), "{}", output.stderr);
        stack
    }

    /// Services that are only started.
    pub async fn unmigrated() -> Self {
        let (nats, postgres) = tokio::join!(NatsServer::start(), Postgres::start());
        let mut variables = BTreeMap::from([
            ("PG_HOST", Postgres::HOST.to_owned()),
            ("PG_PORT", postgres.port().to_string()),
            ("PG_DATABASE", Postgres::DATABASE.to_owned()),
            ("PG_USER_ADMIN", Postgres::USER.to_owned()),
            ("PG_PASSWORD_ADMIN", Postgres::PASSWORD.to_owned()),
            ("PG_USER_WORKER", "worker".to_owned()),
            ("PG_PASSWORD_WORKER", "canary-7c1f-worker".to_owned()),
            ("PG_USER_NS", "ns_user".to_owned()),
            ("PG_PASSWORD_NS", "canary-7c1f-ns".to_owned()),
        ]);
        variables.extend([
            ("NATS_HOST", "127.0.0.1".to_owned()),
            ("NATS_PORT", nats.port().to_string()),
            ("FRONTEND_PORT", "0".to_owned()),
            ("WORKER_QUANTITY", "4".to_owned()),
        ]);
        Self { nats, postgres, variables }
    }

    /// Sets a variable for everything that is started from now on.
    pub fn set(&mut self, name: &'static str, value: impl Into<String>) -> &mut Self {
        self.variables.insert(name, value.into());
        self
    }

    /// The binary with these arguments, in the root of the project.
    pub fn command<const N: usize>(&self, arguments: [&str; N]) -> Launch {
        let launch = Runtime::launch(env!("CARGO_BIN_EXE_l0-runtime"));
        let launch = launch.args(arguments).current_dir(root());
        self.variables.iter().fold(launch, |launch, (name, value)| launch.env(name, value))
    }

    /// Starts `run`, and waits until it is ready.
    pub async fn run(&self) -> Pipeline {
        let pipeline = self.begin().await;
        pipeline.until_ready().await;
        pipeline
    }

    /// Starts `run`, and waits until its page answers.
    pub async fn begin(&self) -> Pipeline {
        self.begin_with(["run", "--set", "source.nats.ack_wait_secs=2"]).await
    }

    pub async fn begin_with<const N: usize>(&self, arguments: [&str; N]) -> Pipeline {
        Pipeline::of(self.command(arguments).start()).await
    }

    /// Runs `produce`, which publishes five.
    pub async fn produce(&self) -> Output {
        let (status, output) = self.command(["produce"]).run(SOON).await;
        assert!(status.success(), "{}", output.stderr);
        output
    }

    /// A separate publisher, which does not know the runtime.
    pub async fn jetstream(&self) -> jetstream::Context {
        jetstream::new(async_nats::connect(self.nats.url()).await.unwrap())
    }

    /// Publishes these bytes and returns once the stream holds them.
    pub async fn publish(&self, payload: impl Into<Bytes>) {
        let jetstream = self.jetstream().await;
        jetstream.publish("order", payload.into()).await.unwrap().await.unwrap();
    }

    /// Unacknowledged deliveries of the durable, and messages that wait in the stream.
    pub async fn pending(&self) -> (usize, u64) {
        let jetstream = self.jetstream().await;
        let mut stream = jetstream.get_stream("ORDERS").await.unwrap();
        let messages = stream.info().await.unwrap().state.messages;
        let consumer = stream.consumer_info("order-workers").await.unwrap();
        (consumer.num_ack_pending, messages)
    }

    pub async fn admin(&self) -> PgConnection {
        self.postgres.admin().await
    }

    /// Awaits a scalar of the database.
    pub async fn eventually<T>(&self, sql: &'static str, expected: T)
    where
        T: PartialEq + std::fmt::Debug + Send + Unpin,
        T: for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
    {
        self.await_scalar(sql, expected, SOON).await;
    }

    async fn await_scalar<T>(&self, sql: &'static str, expected: T, deadline: Duration)
    where
        T: PartialEq + std::fmt::Debug + Send + Unpin,
        T: for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
    {
        let mut admin = self.admin().await;
        let what = format!("{expected:?} from {sql}");
        eventually(deadline, &what, async || {
            let found = sqlx::query_scalar::<_, T>(sql).fetch_one(&mut admin).await.unwrap();
            (found == expected).then_some(())
        })
        .await;
    }

    pub async fn orders(&self, expected: i64) {
        self.orders_within(expected, SOON).await;
    }

    pub async fn orders_within(&self, expected: i64, deadline: Duration) {
        self.await_scalar("SELECT count(*) FROM orders", expected, deadline).await;
    }
}

/// A running instance.
pub struct Pipeline {
    pub runtime: Runtime,
    address: String,
}

/// An answer over HTTP.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Pipeline {
    /// The instance, once its page answers.
    pub async fn of(runtime: Runtime) -> Self {
        let line = runtime.wait_for_log("listening url=", SOON).await;
        let address = line.split("http://").nth(1).unwrap().split('/').next().unwrap().to_owned();
        Self { runtime, address }
    }

    pub async fn get(&self, path: &str) -> Answer {
        let stream = TcpStream::connect(&self.address).await.unwrap();
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let request = Request::get(path).header("host", &self.address);
        let request = request.body(Empty::<Bytes>::new()).unwrap();
        let (parts, body) = sender.send_request(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// A document by id, and whether it was a `Hit` or a `Miss`.
    pub async fn document(&self, id: i64) -> (Bytes, String) {
        let answer = self.get(&format!("/get-json?id={id}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        let cache = answer.headers["x-cache-status"].to_str().unwrap().to_owned();
        (answer.body, cache)
    }

    pub async fn until_ready(&self) {
        eventually(SOON, "ready", async || {
            (self.get("/readyz").await.status == StatusCode::OK).then_some(())
        })
        .await;
    }

    /// Awaits a reason in `/readyz`, as `stage:code`.
    pub async fn until_unready(&self, reason: &str) {
        eventually(SOON, reason, async || {
            let answer = self.get("/readyz").await;
            let json: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
            let reasons = json["reasons"].as_array().cloned().unwrap_or_default();
            let named = reasons.iter().any(|found| {
                let text = |key: &str| found[key].as_str().unwrap_or_default().to_owned();
                format!("{}:{}", text("stage"), text("code")) == reason
            });
            (named && answer.status == StatusCode::SERVICE_UNAVAILABLE).then_some(())
        })
        .await;
    }

    /// Terminates it and checks that it drained well.
    pub async fn drain(self) -> Output {
        self.runtime.term();
        let status = self.runtime.wait(SOON).await;
        let output = self.runtime.output();
        assert!(status.success(), "{status}: {}", output.stderr);
        output
    }
}
