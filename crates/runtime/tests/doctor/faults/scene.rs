//! A running pipeline with a fault, and what each place says about it.

use std::any::Any;

use http_body_util::{BodyExt, Empty};
use hyper::Request;
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use l0_testkit::{Port, Runtime, eventually};
use serde_json::Value;
use tokio::net::TcpStream;

use crate::lab::{Lab, SOON};

/// The pipeline, its services, and what makes the fault last.
pub struct Scene {
    pub lab: Lab,
    page: Port,
    runtime: Option<Runtime>,
    kept: Vec<Box<dyn Any>>,
    /// The port that the pipeline uses for Postgres.
    stand_in: Option<u16>,
}

impl Scene {
    /// A scene with its own services, without a fault.
    pub async fn new() -> Self {
        Self::of(Lab::start().await)
    }

    pub fn of(mut lab: Lab) -> Self {
        let page = Port::free();
        lab.folder.set("FRONTEND_PORT", page.number().to_string());
        lab.folder.set("WORKER_QUANTITY", "2");
        lab.folder.replace("[source.nats]", "[source.nats]\nprobe_secs = 1");
        Self { lab, page, runtime: None, kept: Vec::new(), stand_in: None }
    }

    /// A scene whose pipeline is started and ready.
    pub async fn running() -> Self {
        Self::new().await.ready().await
    }

    /// Starts the pipeline. It answers when this returns.
    pub async fn begun(mut self) -> Self {
        let runtime = self.lab.folder.launch(&["run"]).start();
        runtime.wait_for_log("listening url=", SOON).await;
        self.runtime = Some(runtime);
        self
    }

    /// Starts the pipeline. It works when this returns.
    pub async fn ready(self) -> Self {
        let scene = self.begun().await;
        let ready = async || (scene.get("/readyz").await["ready"] == true).then_some(());
        eventually(SOON, "ready", ready).await;
        scene
    }

    /// Keeps something alive as long as the scene lasts.
    pub fn keep(&mut self, part: impl Any) {
        self.kept.push(Box::new(part));
    }

    /// Sets the port of the proxy in front of Postgres.
    pub fn stand_in(&mut self, port: u16) {
        self.stand_in = Some(port);
    }

    /// Executes this as the superuser of the database.
    pub async fn sql(self, sql: &str) -> Self {
        self.lab.sql(sql).await;
        self
    }

    /// Five good orders.
    pub async fn produced(self) -> Self {
        self.lab.produce().await;
        self
    }

    /// Publishes these bytes this many times.
    pub async fn published(self, payload: &'static str, times: usize) -> Self {
        let jetstream = self.lab.jetstream().await;
        for _ in 0..times {
            jetstream.publish("order", payload.into()).await.unwrap().await.unwrap();
        }
        self
    }

    /// What the pipeline has logged.
    pub fn log(&self) -> String {
        self.runtime.as_ref().map(|runtime| runtime.output().stderr).unwrap_or_default()
    }

    pub async fn get(&self, path: &str) -> Value {
        let body = self.body(path).await;
        serde_json::from_slice(&body).unwrap_or_else(|error| panic!("{path}: {error}: {body:?}"))
    }

    pub async fn text(&self, path: &str) -> String {
        String::from_utf8(self.body(path).await.into()).unwrap()
    }

    async fn body(&self, path: &str) -> Bytes {
        let address = format!("127.0.0.1:{}", self.page.number());
        let stream = TcpStream::connect(&address).await.unwrap();
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let request = Request::get(path).header("host", &address);
        let request = request.body(Empty::<Bytes>::new()).unwrap();
        sender.send_request(request).await.unwrap().collect().await.unwrap().to_bytes()
    }

    /// What `top --once` prints.
    pub async fn top(&self) -> String {
        let (status, output) = self.lab.folder.launch(&["top", "--once"]).run(SOON).await;
        assert!(status.success(), "{}", output.stderr);
        output.stdout
    }

    /// The text without what differs between runs: ports, folders, and all numbers except codes of
    /// five digits.
    pub fn settled(&self, text: &str) -> String {
        let lab = &self.lab;
        let database = self.stand_in.unwrap_or(lab.postgres.port());
        let text = text
            .replace(&lab.folder.path().display().to_string(), "/etc/l0")
            .replace(&lab.nats.port().to_string(), "4222")
            .replace(&database.to_string(), "5432")
            .replace("127.0.0.1", "localhost")
            .replace(&self.page.number().to_string(), "8080");
        numbers_replaced(&text)
    }
}

fn numbers_replaced(text: &str) -> String {
    const KEPT: [&str; 3] = ["4222", "5432", "8080"];
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let (mut settled, mut rest) = (String::new(), text);
    while let Some(begin) = rest.find(is_part) {
        let word = &rest[begin..];
        let word = &word[..word.find(|c| !is_part(c)).unwrap_or(word.len())];
        settled.push_str(&rest[..begin]);
        let is_number = word.bytes().all(|byte| byte.is_ascii_digit());
        let is_code = word.len() == 5 && !settled.ends_with("session ") || KEPT.contains(&word);
        settled.push_str(if is_number && !is_code { "N" } else { word });
        rest = &rest[begin + word.len()..];
    }
    settled + rest
}
