use async_nats::ServerAddr;
use l0_stage::section::{below, certificate_pair, outside};
use l0_stage::{Context, Finding};

use crate::jetstream::durable_config::MAX_WAITING;
use crate::jetstream::subject;
use crate::link::credentials;
use crate::{NatsConfig, Subjects};

/// Finds everything that is wrong with the section, without a server.
pub(crate) fn findings(config: &NatsConfig, context: &Context) -> Vec<Finding> {
    let NatsConfig { stream, durable, max_batch_bytes, max_ack_pending, .. } = config;
    let most_in_hand = context.workers.saturating_mul(context.max_batch);
    let two_documents = context.max_document_bytes.saturating_mul(2);
    let names = [url(&config.url), name("stream", stream), name("durable", durable)];
    let found = [
        outside("ack_wait_secs", config.ack_wait_secs, 1..=86_400),
        outside("probe_secs", config.probe_secs, 1..=3600),
        config.max_bytes.and_then(|bytes| outside("max_bytes", bytes, 1..=i64::MAX)),
        // nats-server allows at most 5 replicas.
        outside("replicas", config.replicas, 1..=5),
        below(
            "max_ack_pending",
            *max_ack_pending,
            most_in_hand,
            "pipeline.workers × pipeline.max_batch",
        ),
        below("max_batch_bytes", *max_batch_bytes, two_documents, "two of the largest documents"),
        workers(context),
        certificate_pair(config.tls_cert_file.as_deref(), config.tls_key_file.as_deref()),
        inbox_prefix(config),
        config.domain.as_deref().and_then(|domain| name("domain", domain)),
        api_prefix(config),
    ];
    let names = names.into_iter().flatten().chain(subjects(&config.subject));
    names.chain(found.into_iter().flatten()).chain(credentials(config)).collect()
}

fn subjects(subjects: &Subjects) -> Vec<Finding> {
    if subjects.all().is_empty() {
        let finding = Finding::new("subject", "the list is empty");
        return vec![finding.help("name a subject of the stream")];
    }
    let problems = subjects.all().iter().filter_map(|subject| {
        let problem = subject::problem_to_receive(subject)?;
        Some(Finding::new("subject", format!("subject `{subject}` {problem}")))
    });
    let overlaps = subjects.overlaps().into_iter().map(|(one, other)| {
        let message = format!("subjects `{one}` and `{other}` overlap");
        Finding::new("subject", message)
            .help("a durable cannot have both: keep the wider one, or make them disjoint")
    });
    problems.chain(overlaps).collect()
}

/// Checks the URL. The finding is placed at the section, because the line of the key would show the
/// password.
fn url(url: &str) -> Option<Finding> {
    if url.contains('@') {
        let help = "use the keys `user` and `password`, or `token`, or `credentials_file`";
        return Some(Finding::new("", "credentials in `url`").help(help));
    }
    let has_scheme = ["nats://", "tls://"].iter().any(|scheme| url.starts_with(scheme));
    let has_host = url.parse::<ServerAddr>().is_ok_and(|server| !server.host().is_empty());
    (!has_scheme || !has_host).then(|| {
        Finding::new("url", format!("`{url}` is not the address of a nats server"))
            .help("write `nats://host:port` or `tls://host:port`")
    })
}

/// Names become parts of subjects and, in the server, of paths.
fn name(key: &str, name: &str) -> Option<Finding> {
    let is_bad =
        |c: char| c.is_whitespace() || c.is_control() || matches!(c, '.' | '*' | '>' | '/' | '\\');
    let longest = 255;
    (name.is_empty() || name.len() > longest || name.contains(is_bad)).then(|| {
        Finding::new(key, format!("`{name}` cannot be the name of a {key}"))
            .help("use letters, digits, `-` and `_`")
    })
}

fn workers(context: &Context) -> Option<Finding> {
    let most = usize::try_from(MAX_WAITING).unwrap_or(usize::MAX);
    (context.workers > most).then(|| {
        Finding::new("", format!("{} workers; a durable serves at most {most}", context.workers))
            .help("set pipeline.workers lower")
    })
}

/// Checks that there is at most one kind of credentials, and that it is complete.
fn credentials(config: &NatsConfig) -> Vec<Finding> {
    let NatsConfig { user, token, .. } = config;
    let (password, nkey) = (config.password(), config.nkey());
    let nkey_key = if nkey.here().is_some() { "nkey" } else { "nkey_file" };
    let kinds = [
        ("user", "a user", user.is_some() || password.is_given()),
        ("token", "a token", token.is_some()),
        (nkey_key, "an nkey", nkey.is_given()),
        ("credentials_file", "a credentials file", config.credentials_file.is_some()),
    ];
    let mut kinds = kinds.into_iter().filter(|(_, _, is_given)| *is_given);
    let mut found = Vec::new();
    if let Some((_, first, _)) = kinds.next() {
        found.extend(kinds.map(|(key, other, _)| {
            Finding::new(key, format!("{other} and {first}")).help("keep one of them")
        }));
    }
    if user.is_some() && !password.is_given() {
        let help = "add `password` or `password_file`";
        found.push(Finding::new("user", "a user without a password").help(help));
    }
    if user.is_none() && password.is_given() {
        let key = if password.here().is_some() { "password" } else { "password_file" };
        found.push(Finding::new(key, "a password without a user").help("add `user`"));
    }
    found.extend(password.finding());
    found.extend(nkey.finding());
    if nkey.here().is_some_and(|seed| credentials::key(seed.expose()).is_err()) {
        let help = "it begins with `SU`; the public key, with `U`, belongs to the server";
        found.push(Finding::new("nkey", "not the seed of a user's nkey").help(help));
    }
    found
}

fn api_prefix(config: &NatsConfig) -> Option<Finding> {
    let prefix = config.api_prefix.as_deref()?;
    if config.domain.is_some() {
        let finding = Finding::new("api_prefix", "`domain` says already where JetStream's API is");
        return Some(finding.help("keep one of them"));
    }
    let problem = not_literal(prefix.trim_start_matches('$'))?;
    Some(Finding::new("api_prefix", format!("prefix `{prefix}` {problem}")))
}

fn inbox_prefix(config: &NatsConfig) -> Option<Finding> {
    let prefix = config.inbox_prefix.as_deref()?;
    let problem = not_literal(prefix)?;
    Some(Finding::new("inbox_prefix", format!("inbox prefix `{prefix}` {problem}")))
}

/// Why a text cannot be the beginning of subjects that messages are published to.
fn not_literal(prefix: &str) -> Option<&'static str> {
    subject::problem(prefix).or_else(|| (!subject::is_literal(prefix)).then_some("has a wildcard"))
}
