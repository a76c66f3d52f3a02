//! Requests for information that the work itself does not need.

use std::collections::HashMap;

use async_nats::jetstream::account::Account;
use l0_stage::time::OffsetDateTime;
use l0_stage::time::format_description::well_known::Rfc3339;
use l0_stage::{Error, serde_json::json};
use serde::Deserialize;
use tokio::time::Instant;

use super::clock::Difference;
use crate::jetstream::api::Api;

impl Api<'_> {
    /// What the account uses of JetStream, and what it may use. Many users may not ask for it.
    pub async fn account(&self) -> Result<Account, Error> {
        let what = "read the account of";
        let answer = self.ask("INFO".into(), &json!({}), || self.doing(what)).await?;
        answer.map_err(|refusal| self.refused(&refusal, what))
    }

    /// How many messages of this literal subject the stream holds.
    pub async fn held_of(&self, subject: &str) -> Result<u64, Error> {
        #[derive(Deserialize)]
        struct Found {
            state: Subjects,
        }
        #[derive(Deserialize)]
        struct Subjects {
            subjects: Option<HashMap<String, u64>>,
        }
        let found: Found = self.stream_as(json!({ "subjects_filter": subject })).await?;
        Ok(found.state.subjects.and_then(|held| held.get(subject).copied()).unwrap_or(0))
    }

    /// What an answer of the server tells about its clock; `None` if it has no time.
    pub async fn clock(&self) -> Result<Option<Difference>, Error> {
        #[derive(Deserialize)]
        struct Timed {
            ts: Option<String>,
        }
        let (sent, since) = (OffsetDateTime::now_utc(), Instant::now());
        let timed: Timed = self.stream_as(json!({})).await?;
        let round_trip = since.elapsed();
        let server = timed.ts.and_then(|ts| OffsetDateTime::parse(&ts, &Rfc3339).ok());
        Ok(server.map(|server| Difference::of(server, sent, round_trip)))
    }

    /// The server's answer about the stream, with fields that the client library leaves out.
    async fn stream_as<T: serde::de::DeserializeOwned>(
        &self,
        request: l0_stage::serde_json::Value,
    ) -> Result<T, Error> {
        let answer = self.ask(self.stream_info(), &request, || self.doing("read")).await?;
        answer.map_err(|refusal| self.refused(&refusal, "read"))
    }
}
