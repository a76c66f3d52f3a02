use async_nats::jetstream::stream::{Config, DiscardPolicy, Info, RetentionPolicy, StorageType};
use l0_stage::{Check, Finding, in_units};

use crate::NatsConfig;
use crate::api::Api;
use crate::stream::{check_subject, risks};

const NAME: &str = "stream";

/// What `run` would do about a stream that is not there.
pub(super) async fn absent(api: &Api<'_>, config: &NatsConfig) -> Check {
    let NatsConfig { stream, subject, .. } = config;
    if !config.manage {
        let finding = Finding::new("stream", format!("{} not found", config.place()));
        let help = "make it, or set `manage = true` and `run` does";
        return Check::trouble(NAME, finding.help(help));
    }
    match api.stream_of_subject().await {
        Ok(Some(other)) => {
            let message = format!(
                "subject `{subject}` is taken by stream `{other}`, so stream `{stream}` cannot be made"
            );
            let help = format!("write `stream = \"{other}\"`, or choose another subject");
            Check::trouble(NAME, Finding::new("stream", message).help(help))
        }
        Ok(None) => Check::fine(NAME, format!("`{stream}` is not there yet: `run` makes it")),
        // Only a look at what stands in the way; making it will tell.
        Err(error) => {
            let finding = Finding::new("stream", format!("stream `{stream}` not found; {error}"));
            Check::warning(NAME, finding.help("let this user ask for the names of streams"))
        }
    }
}

pub(super) fn checks(config: &NatsConfig, found: &Info) -> Vec<Check> {
    let mut checks = Vec::new();
    match check_subject(config, &found.config) {
        Ok(()) => checks.push(Check::fine(NAME, summary(found))),
        Err(error) => checks.extend(Check::failed(NAME, &error, |_| {
            ("subject", "take a subject of this stream, or name the stream that has it")
        })),
    }
    let risks = risks(&found.config).into_iter();
    let risks = risks.map(|risk| Finding::new("stream", risk.text).help(risk.cure)).collect();
    let seen = || "drops nothing that nobody has processed".to_owned();
    checks.extend(Check::warnings("retention", risks, seen));
    checks.push(durability(config, found));
    checks.push(room(found));
    checks
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

/// Whether the server syncs each message to its disk no client can see.
fn durability(config: &NatsConfig, found: &Info) -> Check {
    let Config { name, storage, num_replicas, .. } = &found.config;
    let edit = |copies: usize| format!("`nats stream edit {name} --replicas {copies}`");
    if *num_replicas < config.replicas {
        let message = format!(
            "kept by {num_replicas} of the {} servers that the configuration wants",
            config.replicas
        );
        let help = format!("{}: `run` never changes a stream", edit(config.replicas));
        return Check::warning("durability", Finding::new("replicas", message).help(help));
    }
    let is_in_cluster = found.cluster.as_ref().is_some_and(|cluster| cluster.name.is_some());
    if is_in_cluster && *num_replicas < 2 {
        let message =
            "one replica in a cluster: the loss of one server stops it, of its disk loses it";
        let help = format!("{}: three survive the loss of one server", edit(3));
        return Check::warning("durability", Finding::new("stream", message).help(help));
    }
    let place = match storage {
        StorageType::File => "in files",
        StorageType::Memory => "in memory",
    };
    let copies = match num_replicas {
        0 | 1 => "1 replica; whether nats-server syncs each message (`sync_interval: always`) no \
                  client can see"
            .to_owned(),
        copies => format!("{copies} replicas"),
    };
    Check::fine("durability", format!("kept {place}, {copies}"))
}

fn room(found: &Info) -> Check {
    let (used, messages) = (found.state.bytes, found.state.messages);
    let held = format!("{messages} messages, {}", in_units(used));
    let limit = u64::try_from(found.config.max_bytes).ok().filter(|limit| *limit > 0);
    let Some(limit) = limit else {
        let seen = format!("{held}; no limit but the disk of nats-server");
        return Check::fine("room", seen);
    };
    // Divided first, so that no product overflows.
    if used / 8 >= limit / 10 {
        let message =
            format!("{held}, of {}: publishers are refused when it is full", in_units(limit));
        let help = "raise `max_bytes` of the stream, or find out why nothing is taken from it";
        return Check::warning("room", Finding::new("stream", message).help(help));
    }
    Check::fine("room", format!("{held}, of {}", in_units(limit)))
}
