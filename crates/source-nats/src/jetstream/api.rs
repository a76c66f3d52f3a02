use async_nats::Subject;
use async_nats::jetstream::Error as Refusal;
use async_nats::jetstream::context::RequestErrorKind;
use async_nats::jetstream::response::Response;
use async_nats::jetstream::{AckKind, ErrorCode, consumer, stream};
use l0_stage::Error;
use l0_stage::serde_json::{Value, json};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::link::Link;
use crate::{NatsConfig, failure};

/// The requests to the JetStream API about this stage's stream and durable.
///
/// The client library has its own function and error type for each request. Here a refusal is a
/// single type, with the server's code. The subjects are `$JS.API.>`: ADR-1 of NATS.
pub(crate) struct Api<'a> {
    link: &'a Link,
    config: &'a NatsConfig,
}

/// Whether a consumer may exist already.
#[derive(Serialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Action {
    /// Refused if the consumer exists with another configuration.
    Create,
    /// Refused if the consumer does not exist.
    Update,
}

impl<'a> Api<'a> {
    pub fn new(link: &'a Link, config: &'a NatsConfig) -> Self {
        Self { link, config }
    }

    /// The stream's information. `None` if the stream does not exist.
    pub async fn stream(&self) -> Result<Option<stream::Info>, Error> {
        self.find(self.stream_info(), ErrorCode::STREAM_NOT_FOUND, || self.doing("read")).await
    }

    /// The subject of requests for the stream.
    pub fn stream_info(&self) -> String {
        format!("STREAM.INFO.{}", self.config.stream)
    }

    pub async fn create_stream(
        &self,
        wanted: &stream::Config,
    ) -> Result<Result<stream::Info, Refusal>, Error> {
        let subject = format!("STREAM.CREATE.{}", self.config.stream);
        self.ask(subject, wanted, || self.doing("create")).await
    }

    /// The name of another stream that takes this subject, if one does.
    pub async fn other_stream_of(&self, subject: &str) -> Result<Option<String>, Error> {
        #[derive(Deserialize)]
        struct Names {
            streams: Option<Vec<String>>,
        }
        let request = json!({ "subject": subject });
        let answer = self.ask("STREAM.NAMES".into(), &request, || self.doing("find")).await?;
        let names: Names = answer.map_err(|refusal| self.refused(&refusal, "find"))?;
        Ok(names.streams.unwrap_or_default().into_iter().find(|name| *name != self.config.stream))
    }

    /// The durable's information. `None` if the durable does not exist.
    pub async fn consumer(&self) -> Result<Option<consumer::Info>, Error> {
        let NatsConfig { stream, durable, .. } = self.config;
        let subject = format!("CONSUMER.INFO.{stream}.{durable}");
        let doing = || self.doing("read the durable of");
        self.find(subject, ErrorCode::CONSUMER_NOT_FOUND, doing).await
    }

    /// The consumers of the stream, including our own; only the first page.
    pub async fn consumers(&self) -> Result<Vec<consumer::Info>, Error> {
        #[derive(Deserialize)]
        struct Page {
            consumers: Option<Vec<consumer::Info>>,
        }
        let subject = format!("CONSUMER.LIST.{}", self.config.stream);
        let what = "list the consumers of";
        let answer = self.ask(subject, &json!({}), || self.doing(what)).await?;
        let page: Page = answer.map_err(|refusal| self.refused(&refusal, what))?;
        Ok(page.consumers.unwrap_or_default())
    }

    pub async fn delete_consumer(&self) -> Result<(), Error> {
        let NatsConfig { stream, durable, .. } = self.config;
        let subject = format!("CONSUMER.DELETE.{stream}.{durable}");
        let doing = || self.doing("delete the durable of");
        let gone = ErrorCode::CONSUMER_NOT_FOUND;
        self.find::<Value>(subject, gone, doing).await.map(|_| ())
    }

    /// The first message at or after this sequence whose subject matches, as it is stored in the
    /// stream.
    pub async fn message(
        &self,
        from: u64,
        subject: &str,
    ) -> Result<Option<stream::RawMessage>, Error> {
        #[derive(Deserialize)]
        struct Found {
            message: stream::RawMessage,
        }
        let request = json!({ "seq": from, "next_by_subj": subject });
        let api_subject = format!("STREAM.MSG.GET.{}", self.config.stream);
        let what = "read a message of";
        match self.ask(api_subject, &request, || self.doing(what)).await? {
            Ok(Found { message }) => Ok(Some(message)),
            Err(refusal) if refusal.error_code() == ErrorCode::NO_MESSAGE_FOUND => Ok(None),
            Err(refusal) => Err(self.refused(&refusal, what)),
        }
    }

    /// Removes one message from the stream. It does not fail if the message is gone already.
    pub async fn delete_message(&self, sequence: u64) -> Result<(), Error> {
        let request = json!({ "seq": sequence, "no_erase": true });
        let subject = format!("STREAM.MSG.DELETE.{}", self.config.stream);
        let what = "delete a message of";
        let gone = [ErrorCode::SEQUENCE_NOT_FOUND, ErrorCode::NO_MESSAGE_FOUND];
        match self.ask::<Value>(subject, &request, || self.doing(what)).await? {
            Err(refusal) if !gone.contains(&refusal.error_code()) => {
                Err(self.refused(&refusal, what))
            }
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// The subject on which to ack a delivery of our durable that was never received. The server
    /// (tried with 2.15.1) reads only the stream sequence from such a subject.
    pub fn reply_of(&self, sequence: u64) -> Subject {
        let NatsConfig { stream, durable, .. } = self.config;
        format!("$JS.ACK.{stream}.{durable}.1.{sequence}.1.1.0").into()
    }

    /// Acks a delivery. Returns after the server has answered.
    pub async fn ack(&self, subject: Subject) -> Result<(), Error> {
        self.settle(subject, AckKind::Ack).await
    }

    /// Sends a pull that the server cannot read: it refuses the pull and delivers nothing. An error
    /// means that a real pull would not reach it.
    pub async fn try_pull(&self) -> Result<(), Error> {
        let NatsConfig { stream, durable, .. } = self.config;
        let subject = format!("{}.CONSUMER.MSG.NEXT.{stream}.{durable}", self.config.api());
        let client = &self.link.connection().client;
        let asking = client.request(subject.clone(), "{".into());
        let doing = || self.doing("receive from");
        self.link.answer(&subject, asking, doing).await.map(|_| ())
    }

    /// Reports progress on a delivery. The report is sent to the same subject as an ack, but
    /// settles nothing.
    pub async fn progress(&self, subject: Subject) -> Result<(), Error> {
        self.settle(subject, AckKind::Progress).await
    }

    async fn settle(&self, subject: Subject, kind: AckKind) -> Result<(), Error> {
        let doing = || self.doing("acknowledge messages of");
        let client = &self.link.connection().client;
        let asking = client.request(subject.clone(), kind.into());
        match self.link.answer(&subject, asking, doing).await? {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == async_nats::RequestErrorKind::TimedOut => {
                Err(self.link.silence(doing()))
            }
            Err(error) => Err(failure::unsent(error, doing())),
        }
    }

    pub fn refused(&self, refusal: &Refusal, what: &str) -> Error {
        failure::refused(refusal, self.doing(what))
    }

    /// Creates or updates the durable.
    pub async fn put_consumer(
        &self,
        wanted: &consumer::Config,
        action: Action,
    ) -> Result<Result<consumer::Info, Refusal>, Error> {
        let NatsConfig { stream, durable, .. } = self.config;
        // If there is exactly one filter, the server requires it in the subject too.
        let filter = match wanted.filter_subject.as_str() {
            "" => String::new(),
            filter => format!(".{filter}"),
        };
        let what = match action {
            Action::Create => "create a durable of",
            Action::Update => "update the durable of",
        };
        let subject = format!("CONSUMER.CREATE.{stream}.{durable}{filter}");
        let request = json!({ "stream_name": stream, "config": wanted, "action": action });
        self.ask(subject, &request, || self.doing(what)).await
    }

    async fn find<T: DeserializeOwned>(
        &self,
        subject: String,
        absent: ErrorCode,
        doing: impl Fn() -> String,
    ) -> Result<Option<T>, Error> {
        match self.ask(subject, &json!({}), &doing).await? {
            Ok(found) => Ok(Some(found)),
            Err(refusal) if refusal.error_code() == absent => Ok(None),
            Err(refusal) => Err(failure::refused(&refusal, doing())),
        }
    }

    /// Sends one request. A refusal of the server is an answer.
    pub async fn ask<T: DeserializeOwned>(
        &self,
        subject: String,
        request: &impl Serialize,
        doing: impl Fn() -> String,
    ) -> Result<Result<T, Refusal>, Error> {
        let connection = self.link.connection();
        let whole = format!("{}.{subject}", self.config.api());
        // The library's own timeout begins only after its queue has accepted the request.
        let asking = connection.jetstream.request(subject, request);
        match self.link.answer(&whole, asking, &doing).await? {
            Ok(Response::Ok(answer)) => Ok(Ok(answer)),
            Ok(Response::Err { error }) => Ok(Err(error)),
            Err(error) if error.kind() == RequestErrorKind::TimedOut => {
                Err(self.link.silence(doing()))
            }
            Err(error) => Err(failure::unanswered(&error, doing())),
        }
    }

    /// `cannot read stream X at host:port`, for messages.
    pub fn doing(&self, what: &str) -> String {
        format!("cannot {what} {}", self.config.place())
    }
}
