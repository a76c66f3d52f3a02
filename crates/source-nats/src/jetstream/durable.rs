use async_nats::jetstream::Error as Refusal;
use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::consumer::{Config, Info};
use async_nats::jetstream::stream::{self, RetentionPolicy};
use l0_stage::Error;
use l0_stage::time::OffsetDateTime;

use super::allowance::{allowed, put, tight_server};
use super::api::{Action, Api};
use super::drift::{Drift, correct, lasting_drift};
use super::durable_config::{check, filters, wanted};
use super::start::Start;
use crate::NatsConfig;
use crate::failure::mismatch;

/// The durable as it is now, and how it differs from what this stage would create.
pub(crate) struct Durable {
    pub info: Info,
    pub drift: Vec<String>,
}

/// Stream and durable as they were when they were last seen.
#[derive(Clone, Copy)]
pub(crate) struct Before {
    pub stream_created: OffsetDateTime,
    pub durable_created: OffsetDateTime,
    pub last_sequence: u64,
}

impl Before {
    /// Whether this durable belongs to an earlier stream, which was replaced by an older copy or by
    /// another one.
    fn has_gone_back(&self, durable: &Info, stream: &stream::Info) -> bool {
        self.durable_created == durable.created
            && (self.stream_created != stream.created
                || self.last_sequence > stream.state.last_sequence)
    }
}

/// Returns the durable. If it is absent and `manage` allows it, it is created. If its settings
/// differ, it is corrected as far as the server allows updates.
pub(crate) async fn ensure(
    api: &Api<'_>,
    config: &NatsConfig,
    stream: &stream::Info,
    before: Option<Before>,
) -> Result<Durable, Error> {
    let went_back = |info: &Info| before.is_some_and(|before| before.has_gone_back(info, stream));
    let info = match api.consumer().await? {
        Some(info) if is_ahead_of_stream(api, &info).await? => remake(api, config, stream).await?,
        Some(info) if config.manage && went_back(&info) => remake(api, config, stream).await?,
        Some(info) => info,
        None if config.manage => create(api, config, stream).await?,
        None => {
            let message = format!("durable `{}` of {} not found", config.durable, config.place());
            return Err(mismatch(message));
        }
    };
    check(config, &info.config)?;
    let (corrected, mut drift) = correct(config, &stream.config, None, &info.config);
    let before = info.config.max_ack_pending;
    let info = match config.manage && corrected != info.config {
        true => update(api, &corrected).await?,
        false => info,
    };
    let tight = config.manage.then(|| allowed(config, &stream.config, None));
    let tight = tight.and_then(|wanted| tight_server(config, wanted, &info.config));
    if tight.is_some() && info.config.max_ack_pending == before {
        drift.retain(|drift| drift.key != "max_ack_pending");
    }
    drift.extend(lasting_drift(&info.config));
    let verb = |drift: &Drift| if config.manage && !drift.lasts { "had" } else { "has" };
    let said = |drift: Drift| format!("durable `{}` {} {drift}", config.durable, verb(&drift));
    let drift = drift.into_iter().map(said);
    Ok(Durable { info, drift: drift.chain(tight.map(|tight| tight.text)).collect() })
}

/// Whether the durable is ahead of its stream. A stream that lost its last messages or was restored
/// gives their sequences again, and the durable would skip them. The stream is read after the
/// consumer, so that messages that arrive meanwhile cannot make the durable seem ahead.
async fn is_ahead_of_stream(api: &Api<'_>, info: &Info) -> Result<bool, Error> {
    let Some(stream) = api.stream().await? else { return Ok(false) };
    let seen = [info.delivered.stream_sequence, info.ack_floor.stream_sequence];
    Ok(is_ahead(seen, stream.state.last_sequence))
}

pub(crate) fn is_ahead(seen: [u64; 2], last_of_stream: u64) -> bool {
    seen.into_iter().any(|sequence| sequence > last_of_stream)
}

/// Deletes the durable and creates it again. The server then delivers again all messages that the
/// stream still holds. Duplicates are harmless. Under interest retention, deleting the last durable
/// would empty the stream.
async fn remake(api: &Api<'_>, config: &NatsConfig, stream: &stream::Info) -> Result<Info, Error> {
    let durable = &config.durable;
    if !config.manage {
        let place = config.place();
        return Err(mismatch(format!("durable `{durable}` has seen more than {place} ever held")));
    }
    if stream.config.retention == RetentionPolicy::Interest {
        return Err(mismatch(format!(
            "durable `{durable}` of {} is from before the stream went back, and to delete it may drop \
             messages: make another consumer of the stream, then delete the durable",
            config.place()
        )));
    }
    tracing::warn!(durable, stream = config.stream, "the stream went back: durable created again");
    api.delete_consumer().await?;
    create(api, config, stream).await
}

/// Creates the durable. If another program creates it at the same moment, the durable of that
/// program is used.
async fn create(api: &Api<'_>, config: &NatsConfig, stream: &stream::Info) -> Result<Info, Error> {
    let mut wanted = wanted(config, &stream.config, None);
    Start::at(&stream.state).note(&mut wanted);
    let refusal = match put(api, &wanted, Action::Create).await? {
        Ok(info) => {
            tracing::info!(durable = config.durable, stream = config.stream, "durable created");
            return Ok(info);
        }
        Err(refusal) => refusal,
    };
    match refusal.error_code() {
        ErrorCode::CONSUMER_ALREADY_EXISTS | ErrorCode::CONSUMER_NAME_EXIST => {
            let found = api.consumer().await?;
            found.ok_or_else(|| api.refused(&refusal, "create a durable of"))
        }
        ErrorCode::CONSUMER_WQ_CONSUMER_NOT_UNIQUE | ErrorCode::CONSUMER_WQ_MULTIPLE_UNFILTERED => {
            Err(taken(api, config, &refusal).await?)
        }
        _ => Err(api.refused(&refusal, "create a durable of")),
    }
}

async fn update(api: &Api<'_>, wanted: &Config) -> Result<Info, Error> {
    let answer = put(api, wanted, Action::Update).await?;
    answer.map_err(|refusal| api.refused(&refusal, "update the durable of"))
}

async fn taken(api: &Api<'_>, config: &NatsConfig, refusal: &Refusal) -> Result<Error, Error> {
    let taker = taker(api, config).await?;
    Ok(taker.map_or_else(|| api.refused(refusal, "create a durable of"), mismatch))
}

/// Why a work-queue stream cannot take our durable: another consumer already receives its messages,
/// and each message goes to one consumer only.
pub(crate) async fn taker(api: &Api<'_>, config: &NatsConfig) -> Result<Option<String>, Error> {
    let consumers = api.consumers().await?;
    let shared = consumers
        .iter()
        .find_map(|other| Some((other, config.subject.shared_with(&filters(&other.config))?)));
    Ok(shared.map(|(other, subject)| {
        let place = config.place();
        format!(
            "consumer `{}` of {place} takes subject `{subject}`, and a work queue allows only one consumer per subject",
            other.name
        )
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From version 2.14 a server ensures this itself, so a test against a server would not notice
    /// a mistake.
    #[test]
    fn a_durable_is_ahead_when_it_has_seen_more_than_the_stream_holds() {
        assert!(!is_ahead([0, 0], 0));
        assert!(!is_ahead([7, 5], 7));
        assert!(is_ahead([7, 5], 6));
        assert!(is_ahead([5, 7], 6));
    }
}
