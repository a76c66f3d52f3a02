//! `doctor` checks the stream.

use async_nats::jetstream::account::Account;
use async_nats::jetstream::stream::{Config, DiscardPolicy, Info, RetentionPolicy, StorageType};
use l0_stage::doctor::Check;
use l0_stage::text::in_units;
use l0_stage::{Error, Finding};

use super::topics;
use crate::NatsConfig;
use crate::jetstream::allowance::{of_account, tight, tight_account};
use crate::jetstream::api::Api;
use crate::jetstream::stream::{
    check_bucket, check_subject, early, elsewhere, not_found, risks, taken_elsewhere,
};
use crate::probe::room::{Full, counted, full};

/// The warning about `sync_interval`. A client cannot read this setting of the server, only the
/// monitoring port shows it.
const SYNC: &str = "no client can read `sync_interval` of nats-server: at its default a power loss \
    may take the last 2 minutes; look for `sync_always` in `/varz` of its monitoring port";

/// What `run` would do about an absent stream.
pub(super) async fn absent(api: &Api<'_>, config: &NatsConfig) -> Check {
    let stream = &config.stream;
    if let Some(bucket) = config.subject.bucket() {
        let help = match bucket.stream() == *stream {
            true => format!("`{}` makes it; `run` does not", bucket.command()),
            false => format!("write `stream = \"{}\"`", bucket.stream()),
        };
        return topics::STREAM.trouble(Finding::new("stream", not_found(config)).help(help));
    }
    if !config.manage {
        let finding = Finding::new("stream", not_found(config));
        let help = "create it, or set `manage = true`, so that `run` creates it";
        return topics::STREAM.trouble(finding.help(help));
    }
    if let Some(elsewhere) = elsewhere(api, config).await {
        let help = "`nats stream list --js-domain DOMAIN` shows the streams of a domain";
        return topics::STREAM.trouble(Finding::new("stream", elsewhere).help(help));
    }
    match taken_elsewhere(api, config).await {
        Ok(Some((subject, other))) => {
            let message = format!(
                "subject `{subject}` is taken by stream `{other}`, so stream `{stream}` cannot be created"
            );
            let help = format!("write `stream = \"{other}\"`, or choose another subject");
            topics::STREAM.trouble(Finding::new("stream", message).help(help))
        }
        Ok(None) => topics::STREAM.fine(format!("`{stream}` does not exist yet: `run` creates it")),
        // Only the search for obstacles failed. `run` will meet them when it creates the stream.
        Err(error) => {
            let finding = Finding::new("stream", format!("stream `{stream}` not found; {error}"));
            topics::STREAM.warning(finding.help("allow this user to list the names of streams"))
        }
    }
}

pub(super) async fn checks(
    api: &Api<'_>,
    config: &NatsConfig,
    account: Option<&Account>,
    found: &Info,
) -> Vec<Check> {
    let mut checks = match usable(config, found) {
        Ok(()) => vec![topics::STREAM.fine(summary(found))],
        Err((error, help)) => topics::STREAM.failed(&error, |_| ("subject", help)),
    };
    let risks = risks(&found.config).into_iter();
    let risks = risks.map(|risk| Finding::new("stream", risk.text).help(risk.cure)).collect();
    let seen = || "drops no unprocessed message".to_owned();
    checks.extend(topics::RETENTION.warnings(risks, seen));
    let of_account = account.and_then(|account| of_account(account, &found.config));
    let of_account = of_account.and_then(|most| tight_account(config, most));
    let limits = tight(config, &found.config).into_iter().chain(of_account);
    checks.extend(limits.map(|risk| {
        topics::LIMITS.warning(Finding::new("max_ack_pending", risk.text).help(risk.cure))
    }));
    checks.push(durability(config, found));
    let subjects = counted(api, config, &found.config).await;
    let full = full(found, &subjects, account);
    match full.is_empty() {
        true => checks.push(room(found)),
        false => checks.extend(full.into_iter().map(no_room)),
    }
    checks
}

/// Fails with what is wrong with the stream, and what helps.
fn usable(config: &NatsConfig, found: &Info) -> Result<(), (Error, &'static str)> {
    let subject = "add the subject to the stream, take one that it has, or name another stream";
    let bucket = "name the stream that the bucket itself made: it has limits retention";
    check_subject(config, &found.config).map_err(|error| (error, subject))?;
    check_bucket(config, &found.config).map_err(|error| (error, bucket))
}

fn summary(found: &Info) -> String {
    let Config { name, subjects, retention, discard, .. } = &found.config;
    let retention = match retention {
        RetentionPolicy::Limits => "limits",
        RetentionPolicy::Interest => "interest",
        RetentionPolicy::WorkQueue => "work queue",
    };
    let discard = match discard {
        DiscardPolicy::Old => "old",
        DiscardPolicy::New => "new",
    };
    format!("`{name}` takes `{}`: {retention}, discard {discard}", subjects.join("`, `"))
}

/// What the loss of a server, a disk or the power may lose.
fn durability(config: &NatsConfig, found: &Info) -> Check {
    let early = || early(&found.config).map(|it| Finding::new("stream", it.text).help(it.cure));
    let finding = too_few(config, found).or_else(|| alone(found)).or_else(early);
    match finding {
        Some(finding) => topics::DURABILITY.warning(finding),
        None => topics::DURABILITY.fine(kept(&found.config)),
    }
}

fn more_replicas(name: &str, copies: usize) -> String {
    format!("`nats stream edit {name} --replicas {copies}`")
}

fn too_few(config: &NatsConfig, found: &Info) -> Option<Finding> {
    let (copies, wanted) = (found.config.num_replicas, config.replicas);
    let help =
        || format!("{}: `run` never changes a stream", more_replicas(&config.stream, wanted));
    let message = format!("kept by {copies} of the {wanted} servers that the configuration wants");
    (copies < wanted).then(|| Finding::new("replicas", message).help(help()))
}

fn alone(found: &Info) -> Option<Finding> {
    let is_in_cluster = found.cluster.as_ref().is_some_and(|cluster| cluster.name.is_some());
    if !is_in_cluster || found.config.num_replicas > 1 {
        return None;
    }
    let message = "one replica in a cluster: the loss of its server stops the stream, the loss of its disk loses it";
    let edit = more_replicas(&found.config.name, 3);
    let help = format!("{edit}: three survive the loss of one server");
    Some(Finding::new("stream", message).help(help))
}

fn kept(found: &Config) -> String {
    let copies = match found.num_replicas {
        0 | 1 => "1 replica".to_owned(),
        copies => format!("{copies} replicas"),
    };
    match found.storage {
        StorageType::File => format!("kept in files, {copies}; {SYNC}"),
        StorageType::Memory => format!("kept in memory, {copies}"),
    }
}

fn no_room(full: Full) -> Check {
    topics::ROOM.warning(Finding::new("stream", full.text).help(full.cure))
}

fn room(found: &Info) -> Check {
    let (used, messages) = (found.state.bytes, found.state.messages);
    let held = format!("{messages} messages, {}", in_units(used));
    let limit = u64::try_from(found.config.max_bytes).ok().filter(|limit| *limit > 0);
    let Some(limit) = limit else {
        let seen = format!("{held}; no limit but the disk of nats-server");
        return topics::ROOM.fine(seen);
    };
    // Divided first, so that no product overflows.
    if used / 8 >= limit / 10 {
        let message =
            format!("{held}, of {}: publishers are refused when it is full", in_units(limit));
        let help = "raise `max_bytes` of the stream, or find out why nothing is taken from it";
        return topics::ROOM.warning(Finding::new("stream", message).help(help));
    }
    topics::ROOM.fine(format!("{held}, of {}", in_units(limit)))
}
