use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::stream::{
    Config, DiscardPolicy, Info, PersistenceMode, RetentionPolicy, StorageType,
};
use l0_stage::Error;

use super::api::Api;
use super::bucket::Bucket;
use super::subjects::quoted;
use crate::NatsConfig;
use crate::failure::mismatch;

/// Returns the stream. It is created if it is absent, `manage` allows it, and the stream does not
/// belong to a bucket. An existing stream is never changed.
pub(crate) async fn ensure(api: &Api<'_>, config: &NatsConfig) -> Result<Info, Error> {
    let stream = match api.stream().await? {
        Some(stream) => stream,
        None if config.manage && config.subject.bucket().is_none() => create(api, config).await?,
        None => return Err(mismatch(not_found(config))),
    };
    check_subject(config, &stream.config)?;
    check_bucket(config, &stream.config)?;
    Ok(stream)
}

/// The text for an absent stream. If the subjects belong to a bucket, it names the bucket's stream.
pub(crate) fn not_found(config: &NatsConfig) -> String {
    let place = config.place();
    match config.subject.bucket() {
        None => format!("{place} not found"),
        Some(bucket) if bucket.stream() == config.stream => {
            format!("{place} not found: there is no bucket `{}`", bucket.name)
        }
        Some(bucket) => {
            let (name, stream) = (bucket.name, bucket.stream());
            format!("{place} not found: bucket `{name}` is in stream `{stream}`")
        }
    }
}

/// Refuses a stream of a bucket from which an ack would remove a value.
pub(crate) fn check_bucket(config: &NatsConfig, found: &Config) -> Result<(), Error> {
    let Some(bucket) = config.subject.bucket() else { return Ok(()) };
    if found.retention == RetentionPolicy::Limits {
        return Ok(());
    }
    let place = config.place();
    Err(mismatch(format!(
        "{place} does not keep what was received, so bucket `{}` would lose its values",
        bucket.name
    )))
}

/// Creates the stream. If another program creates it at the same moment, the stream of that program
/// is used.
async fn create(api: &Api<'_>, config: &NatsConfig) -> Result<Info, Error> {
    if let Some(elsewhere) = elsewhere(api, config).await {
        return Err(mismatch(elsewhere));
    }
    let refusal = match api.create_stream(&wanted(config)).await? {
        Ok(stream) => {
            tracing::info!(stream = config.stream, subjects = %config.subject, "stream created");
            return Ok(stream);
        }
        Err(refusal) => refusal,
    };
    match refusal.error_code() {
        ErrorCode::STREAM_NAME_EXIST => match api.stream().await? {
            Some(stream) => Ok(stream),
            None => Err(api.refused(&refusal, "create")),
        },
        ErrorCode::STREAM_SUBJECT_OVERLAP => match taken_elsewhere(api, config).await? {
            Some((subject, other)) => Err(mismatch(format!(
                "subject `{subject}` is taken by stream `{other}`, so {} cannot be created",
                config.place()
            ))),
            None => Err(api.refused(&refusal, "create")),
        },
        _ => Err(api.refused(&refusal, "create")),
    }
}

/// The first of our subjects that another stream takes, and the name of that stream.
pub(crate) async fn taken_elsewhere<'c>(
    api: &Api<'_>,
    config: &'c NatsConfig,
) -> Result<Option<(&'c str, String)>, Error> {
    for subject in config.subject.all() {
        if let Some(other) = api.other_stream_of(subject).await? {
            return Ok(Some((subject, other)));
        }
    }
    Ok(None)
}

/// Why an absent stream is not created: the messages may be in a stream of another domain.
pub(crate) async fn elsewhere(api: &Api<'_>, config: &NatsConfig) -> Option<String> {
    if config.domain.is_some() || config.api_prefix.is_some() {
        return None;
    }
    let domain = api.account().await.ok()?.domain?;
    Some(format!(
        "{} not found in the JetStream domain `{domain}` of this server: set `domain` to the one that has \
         it, or to `{domain}` to have it made there",
        config.place()
    ))
}

/// The configuration of a new stream. It never drops a message to make room: an acked message
/// leaves it, and an unprocessed one stays (invariant 2).
fn wanted(config: &NatsConfig) -> Config {
    Config {
        name: config.stream.clone(),
        subjects: config.subject.all().to_vec(),
        storage: StorageType::File,
        retention: RetentionPolicy::WorkQueue,
        discard: DiscardPolicy::New,
        max_bytes: config.max_bytes.unwrap_or(-1),
        max_messages: -1,
        max_messages_per_subject: -1,
        num_replicas: config.replicas,
        ..Config::default()
    }
}

pub(crate) fn check_subject(config: &NatsConfig, found: &Config) -> Result<(), Error> {
    let is_fed_by_streams = found.mirror.is_some() || found.sources.is_some();
    let Some(beyond) = config.subject.beyond(&found.subjects) else { return Ok(()) };
    if found.subjects.is_empty() && is_fed_by_streams {
        return Ok(());
    }
    let taken = found.subjects.join("`, `");
    let place = config.place();
    Err(mismatch(format!("{place} takes `{taken}`, which does not cover {}", quoted(&beyond))))
}

/// A setting of an existing stream that can lose unprocessed messages.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Risk {
    pub text: String,
    pub cure: &'static str,
}

pub(crate) fn risks(found: &Config) -> Vec<Risk> {
    let drops_old = found.discard == DiscardPolicy::Old;
    let limits = [
        ("max_msgs", found.max_messages > 0 && drops_old),
        ("max_bytes", found.max_bytes > 0 && drops_old),
        // Without this flag the limit per subject drops the oldest message, even with discard new.
        (
            "max_msgs_per_subject",
            found.max_messages_per_subject > 0 && (drops_old || !found.discard_new_per_subject),
        ),
    ];
    let limits = limits.into_iter().filter(|(_, drops)| *drops);
    let is_bucket = found.subjects.iter().any(|subject| Bucket::of(subject).is_some());
    let mut risks: Vec<_> = limits
        .map(|(limit, _)| match is_bucket {
            true => {
                let cure = "values that are written before the earlier ones are received replace \
                            them: a longer history of the bucket keeps more of them";
                (format!("drops the oldest values of its bucket beyond {limit}"), cure)
            }
            false => {
                let cure = "edit the stream: discard `new` refuses a publisher instead";
                (format!("drops its oldest messages beyond {limit}"), cure)
            }
        })
        .collect();
    if !found.max_age.is_zero() {
        let cure = "edit the stream: `max_age` 0 keeps unprocessed messages";
        risks.push((format!("drops messages after max_age, {:?}", found.max_age), cure));
    }
    if found.allow_message_ttl {
        let cure =
            "edit the stream to forbid TTLs of messages, or make sure that publishers set none";
        risks.push(("lets publishers set a time to live".to_owned(), cure));
    }
    if found.retention == RetentionPolicy::Interest {
        let cure = "keep the durable; a stream with work queue or limits retention needs none";
        risks.push(("drops what is published while it has no consumer".to_owned(), cure));
    }
    let forgets = found.consumer_limits.as_ref().map(|limits| limits.inactive_threshold);
    if let Some(after) = forgets.filter(|after| !after.is_zero()) {
        let cure = "remove `inactive_threshold` from the consumer limits of the stream";
        risks.push((format!("deletes a durable that has no pulls for {after:?}"), cure));
    }
    if found.storage == StorageType::Memory {
        let cure = "create another stream with file storage: the storage cannot be edited";
        risks.push(("is kept in memory, and lost with the server".to_owned(), cure));
    }
    let name = &found.name;
    let risks = risks.into_iter();
    risks.map(|(risk, cure)| Risk { text: format!("stream `{name}` {risk}"), cure }).collect()
}

/// The risk of a stream that is not synced before it confirms a message, even if `sync_interval` is
/// `always`.
pub(crate) fn early(found: &Config) -> Option<Risk> {
    let cure = "create another stream without `persist_mode`, which cannot be edited";
    let text = format!(
        "stream `{}` confirms a message before it is written to disk (persist_mode async)",
        found.name
    );
    (found.persist_mode == Some(PersistenceMode::Async)).then_some(Risk { text, cure })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn only_what_can_lose_an_unseen_message_is_a_risk() {
        let refusing = Config { max_bytes: 1, max_messages: 1, ..Config::default() };
        let refusing = Config { discard: DiscardPolicy::New, ..refusing };
        assert_eq!(risks(&refusing), []);

        let dropping = Config { discard: DiscardPolicy::Old, ..refusing.clone() };
        assert_eq!(risks(&dropping).len(), 2);
        let per_subject = Config { max_messages_per_subject: 1, ..refusing.clone() };
        assert_eq!(risks(&per_subject).len(), 1);
        let ageing = Config { max_age: Duration::from_secs(1), ..refusing };
        let texts: Vec<_> = risks(&ageing).into_iter().map(|risk| risk.text).collect();
        assert_eq!(texts, ["stream `` drops messages after max_age, 1s"]);
    }
}
