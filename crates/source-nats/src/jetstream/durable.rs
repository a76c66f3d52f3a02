use std::fmt;
use std::time::Duration;

use async_nats::jetstream::Error as Refusal;
use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::consumer::{AckPolicy, Config, DeliverPolicy, Info};
use async_nats::jetstream::stream::{self, RetentionPolicy};
use l0_stage::Error;
use l0_stage::time::OffsetDateTime;

use super::allowance::{allowed, put, tight_server};
use super::api::{Action, Api};
use super::subjects::quoted;
use crate::NatsConfig;
use crate::failure::mismatch;

/// Most pulls that wait at the durable at once, of all instances together. It cannot be updated.
pub(crate) const MAX_WAITING: i64 = 512;

/// Deliver again without limit: a message is given up by the class of its error, never by a count.
const UNLIMITED: i64 = -1;

/// The durable as it is now, and what about it is not as we would have made it.
pub(crate) struct Durable {
    pub info: Info,
    pub drift: Vec<String>,
}

/// What the stream did not hold of its own sequences when the durable was made on it.
#[derive(Clone, Copy)]
pub(crate) struct Start {
    pub missing: u64,
    pub last: u64,
}

impl Start {
    /// The metadata of the durable that keeps it.
    const KEY: &str = "l0_missing_of";

    fn at(stream: &stream::State) -> Self {
        let last = stream.last_sequence;
        Self { missing: last.saturating_sub(stream.messages), last }
    }

    pub fn of(durable: &Config) -> Option<Self> {
        let (missing, last) = durable.metadata.get(Self::KEY)?.split_once(' ')?;
        Some(Self { missing: missing.parse().ok()?, last: last.parse().ok()? })
    }

    fn note(self, durable: &mut Config) {
        let Self { missing, last } = self;
        durable.metadata.insert(Self::KEY.to_owned(), format!("{missing} {last}"));
    }
}

/// Stream and durable as they were when last seen.
#[derive(Clone, Copy)]
pub(crate) struct Before {
    pub stream_created: OffsetDateTime,
    pub durable_created: OffsetDateTime,
    pub last_sequence: u64,
}

impl Before {
    /// Whether this durable has survived a stream that was replaced by an older or another one.
    fn has_gone_back(&self, durable: &Info, stream: &stream::Info) -> bool {
        self.durable_created == durable.created
            && (self.stream_created != stream.created
                || self.last_sequence > stream.state.last_sequence)
    }
}

/// The durable, created if it is absent and we may, corrected where a server lets it be updated.
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

/// A stream that lost its tail or was restored gives its sequences out anew, and the durable would
/// skip them. The stream is read after the consumer, so that it cannot look older than it is.
async fn is_ahead_of_stream(api: &Api<'_>, info: &Info) -> Result<bool, Error> {
    let Some(stream) = api.stream().await? else { return Ok(false) };
    let seen = [info.delivered.stream_sequence, info.ack_floor.stream_sequence];
    Ok(is_ahead(seen, stream.state.last_sequence))
}

pub(crate) fn is_ahead(seen: [u64; 2], last_of_stream: u64) -> bool {
    seen.into_iter().any(|sequence| sequence > last_of_stream)
}

/// What the stream still holds is delivered again; duplicates are free. Under interest retention it
/// would hold nothing any more once its last durable is deleted.
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
    tracing::warn!(durable, stream = config.stream, "the stream went back: durable made anew");
    api.delete_consumer().await?;
    create(api, config, stream).await
}

/// Somebody else may create it at the same moment: then theirs is the one.
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

/// Why a work queue, which gives each message to one consumer, has no place for our durable.
pub(crate) async fn taker(api: &Api<'_>, config: &NatsConfig) -> Result<Option<String>, Error> {
    let consumers = api.consumers().await?;
    let shared = consumers
        .iter()
        .find_map(|other| Some((other, config.subject.shared_with(&filters(&other.config))?)));
    Ok(shared.map(|(other, subject)| {
        let place = config.place();
        format!(
            "consumer `{}` of {place} takes subject `{subject}`, and a work queue allows no second one",
            other.name
        )
    }))
}

/// As far as stream and account let a consumer have it.
fn wanted(config: &NatsConfig, stream: &stream::Config, account: Option<i64>) -> Config {
    let (filter_subject, filter_subjects) = match config.subject.all() {
        [one] => (one.clone(), Vec::new()),
        several => (String::new(), several.to_vec()),
    };
    Config {
        durable_name: Some(config.durable.clone()),
        ack_policy: AckPolicy::Explicit,
        deliver_policy: DeliverPolicy::All,
        ack_wait: config.ack_wait(),
        max_deliver: UNLIMITED,
        max_ack_pending: allowed(config, stream, account),
        inactive_threshold: stream
            .consumer_limits
            .as_ref()
            .map_or(Duration::ZERO, |it| it.inactive_threshold),
        max_waiting: MAX_WAITING,
        filter_subject,
        filter_subjects,
        ..Config::default()
    }
}

/// What it takes.
pub(crate) fn filters(config: &Config) -> Vec<&str> {
    let one = Some(config.filter_subject.as_str()).filter(|filter| !filter.is_empty());
    let filters: Vec<_> = config.filter_subjects.iter().map(String::as_str).chain(one).collect();
    if filters.is_empty() { vec![">"] } else { filters }
}

/// What cannot be updated, and without which messages would be lost or never come.
pub(crate) fn check(config: &NatsConfig, found: &Config) -> Result<(), Error> {
    let filters = filters(found);
    let problem = if found.deliver_subject.is_some() {
        "pushes its messages, and cannot be pulled from".to_owned()
    } else if found.ack_policy != AckPolicy::Explicit {
        "does not ask for explicit acks".to_owned()
    } else if found.headers_only && !config.manage {
        "delivers headers only".to_owned()
    } else if let Some(beyond) = config.subject.beyond(&filters) {
        format!("takes `{}`, which does not cover {}", filters.join("`, `"), quoted(&beyond))
    } else if !found.priority_groups.is_empty() {
        let groups = found.priority_groups.join("`, `");
        format!(
            "has the priority groups `{groups}`, and this source joins none: name another durable"
        )
    } else {
        return Ok(());
    };
    let place = config.place();
    Err(mismatch(format!("durable `{}` of {place} {problem}", config.durable)))
}

/// Something about a durable that is not as we would have made it.
pub(crate) struct Drift {
    /// The key of the section that says how it should be.
    pub key: &'static str,
    /// Whether only making the durable anew could change it.
    pub lasts: bool,
    what: &'static str,
    is: String,
    should: String,
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, is, should, .. } = self;
        write!(f, "{what} {is}, not {should}")
    }
}

/// The configuration with everything that may be updated as we want it, and what that changes.
pub(crate) fn correct(
    config: &NatsConfig,
    stream: &stream::Config,
    account: Option<i64>,
    found: &Config,
) -> (Config, Vec<Drift>) {
    let wanted = wanted(config, stream, account);
    let mut corrected = found.clone();
    let mut drift = Vec::new();
    let mut differs = |key: &'static str, what: &'static str, is: String, should: String| {
        drift.push(Drift { key, lasts: false, what, is, should });
    };
    if found.max_deliver != UNLIMITED {
        let (is, should) = (found.max_deliver, UNLIMITED);
        differs("durable", "max_deliver", is.to_string(), should.to_string());
        corrected.max_deliver = UNLIMITED;
    }
    // Raised, never lowered: the limit is shared with instances that may need more. -1 is none.
    if (0..wanted.max_ack_pending).contains(&found.max_ack_pending) {
        let (is, should) = (found.max_ack_pending, wanted.max_ack_pending);
        differs("max_ack_pending", "max_ack_pending", is.to_string(), should.to_string());
        corrected.max_ack_pending = should;
    }
    if found.ack_wait != wanted.ack_wait {
        let (is, should) = (found.ack_wait, wanted.ack_wait);
        differs("ack_wait_secs", "ack_wait", format!("{is:?}"), format!("{should:?}"));
        corrected.ack_wait = wanted.ack_wait;
    }
    if !found.backoff.is_empty() {
        differs("durable", "backoff", format!("{:?}", found.backoff), "none".to_owned());
        corrected.backoff.clear();
    }
    if found.inactive_threshold != wanted.inactive_threshold {
        let (is, should) = (found.inactive_threshold, wanted.inactive_threshold);
        let should = if should.is_zero() { "none".to_owned() } else { format!("{should:?}") };
        differs("durable", "inactive_threshold", format!("{is:?}"), should);
        corrected.inactive_threshold = wanted.inactive_threshold;
    }
    if found.headers_only {
        differs("durable", "headers_only", "true".to_owned(), "false".to_owned());
        corrected.headers_only = false;
    }
    (corrected, drift)
}

/// What only making the durable anew could change.
pub(crate) fn lasting_drift(found: &Config) -> Vec<Drift> {
    let mut drift = Vec::new();
    let mut differs = |what: &'static str, is: String, should: String| {
        drift.push(Drift { key: "durable", lasts: true, what, is, should });
    };
    if found.max_waiting < MAX_WAITING {
        differs("max_waiting", found.max_waiting.to_string(), MAX_WAITING.to_string());
    }
    if found.deliver_policy != DeliverPolicy::All {
        differs("deliver policy", format!("{:?}", found.deliver_policy), "All".to_owned());
    }
    drift
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From version 2.14 a server sees to it itself, so that no test against one would notice.
    #[test]
    fn a_durable_is_ahead_when_it_has_seen_more_than_the_stream_holds() {
        assert!(!is_ahead([0, 0], 0));
        assert!(!is_ahead([7, 5], 7));
        assert!(is_ahead([7, 5], 6));
        assert!(is_ahead([5, 7], 6));
    }
}
