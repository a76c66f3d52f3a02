//! `doctor` checks the durable consumer.

use async_nats::jetstream::consumer;
use async_nats::jetstream::stream::{Info, RetentionPolicy};
use l0_stage::doctor::Check;
use l0_stage::{Context, Error, Finding, Why};

use super::{place, topics};
use crate::NatsConfig;
use crate::jetstream::allowance::allowed;
use crate::jetstream::api::Api;
use crate::jetstream::drift::{Drift, correct, lasting_drift};
use crate::jetstream::durable::{is_ahead, taker};
use crate::jetstream::durable_config::check;
use crate::probe::backlog::{Look, removed_unseen};
use crate::probe::hindrance::paused;

/// Receipts are extended three times within the ack wait. If the ack wait is shorter than this, the
/// server delivers messages again after a short pause of the machine.
const SHORT_ACK_WAIT_SECS: u64 = 6;

pub(super) async fn checks(
    api: &Api<'_>,
    config: &NatsConfig,
    context: &Context,
    stream: &Info,
    account: Option<i64>,
) -> Vec<Check> {
    let mut checks = match look(api, stream).await {
        Ok(Some(look)) => {
            let mut checks = present(config, &look, account);
            checks.extend(pulls(api).await);
            checks.extend(acks(api).await);
            checks
        }
        Ok(None) => vec![absent(api, config, stream).await],
        Err(error) => topics::DURABLE.failed(&error, |why| place(why, "durable")),
    };
    checks.push(ack_wait(config));
    checks.push(in_hand(allowed(config, &stream.config, account), context));
    checks.push(reading(api, config).await);
    checks
}

/// Reads the durable between two looks at the stream, so that neither seems older than it is.
async fn look(api: &Api<'_>, stream: &Info) -> Result<Option<Look>, Error> {
    let Some(before) = api.consumer().await? else { return Ok(None) };
    let again = api.stream().await?.unwrap_or_else(|| stream.clone());
    let after = api.consumer().await?;
    Ok(after.map(|after| Look { before, stream: again, after, returns: Default::default() }))
}

async fn absent(api: &Api<'_>, config: &NatsConfig, stream: &Info) -> Check {
    let durable = &config.durable;
    if !config.manage {
        let message = format!("durable `{durable}` of {} not found", config.place());
        let help = "create it, or set `manage = true`, so that `run` creates it";
        return topics::DURABLE.trouble(Finding::new("durable", message).help(help));
    }
    let other = match stream.config.retention {
        RetentionPolicy::WorkQueue => taker(api, config).await.unwrap_or(None),
        _ => None,
    };
    match other {
        Some(message) => {
            let help = "name that consumer in `durable`, delete it, or choose another subject";
            topics::DURABLE.trouble(Finding::new("durable", message).help(help))
        }
        None => topics::DURABLE.fine(format!("`{durable}` does not exist yet: `run` creates it")),
    }
}

fn present(config: &NatsConfig, look: &Look, account: Option<i64>) -> Vec<Check> {
    let found = &look.after;
    let mut checks = Vec::new();
    if let Err(error) = check(config, &found.config) {
        // This durable must be replaced, so its other differences do not matter.
        let help = match config.manage {
            true => "name another durable, or delete this one: `run` creates it again",
            false => "name another durable, or delete this one and create it again",
        };
        return topics::DURABLE.failed(&error, |_| ("durable", help));
    }
    checks.push(topics::DURABLE.fine(format!("`{}` is there", found.name)));
    checks.extend(paused(found).map(|(_, message)| {
        let help = "resume it, or wait: until then `run` receives nothing";
        topics::PAUSE.trouble(Finding::new("durable", message).help(help))
    }));
    checks.extend(position(config, look));
    let corrected = correct(config, &look.stream.config, account, &found.config);
    checks.extend(drift(config, corrected.1, &found.config));
    checks.push(backlog(found));
    checks.push(removed(look));
    checks
}

async fn pulls(api: &Api<'_>) -> Vec<Check> {
    match api.try_pull().await {
        Err(error @ Error::Retryable { why: Why::Denied, .. }) => {
            topics::PULLS.failed(&error, |why| place(why, "durable"))
        }
        // Another check has already reported any other failure.
        Ok(()) | Err(_) => {
            vec![
                topics::PULLS
                    .fine("are allowed: a test pull, which delivers nothing, reached the server"),
            ]
        }
    }
}

async fn acks(api: &Api<'_>) -> Vec<Check> {
    const NO_MESSAGE: u64 = 1 << 60;
    match api.progress(api.reply_of(NO_MESSAGE)).await {
        Ok(()) => vec![topics::ACKS.fine("arrive: a test, which names no message, was answered")],
        Err(error) => topics::ACKS.failed(&error, |why| place(why, "durable")),
    }
}

fn position(config: &NatsConfig, look: &Look) -> Option<Check> {
    let durable = &look.before;
    let seen = [durable.delivered.stream_sequence, durable.ack_floor.stream_sequence];
    let last = look.stream.state.last_sequence;
    is_ahead(seen, last).then(|| {
        let message = format!(
            "durable `{}` has seen more than stream `{}` holds ({last}): the stream went back",
            config.durable, config.stream
        );
        let finding = |help: &str| Finding::new("durable", message).help(help);
        match config.manage {
            true => topics::POSITION.warning(finding("`run` creates it again; nothing is lost")),
            false => topics::POSITION.trouble(finding("delete the durable and create it again")),
        }
    })
}

fn drift(config: &NatsConfig, drift: Vec<Drift>, found: &consumer::Config) -> Vec<Check> {
    let all = drift.into_iter().chain(lasting_drift(found));
    let findings = all.map(|drift| {
        let message = format!("durable `{}` has {drift}", config.durable);
        Finding::new(drift.key, message).help(cure(config, &drift))
    });
    topics::DRIFT.warnings(findings.collect(), || "none: as the configuration says".to_owned())
}

fn cure(config: &NatsConfig, drift: &Drift) -> &'static str {
    match (drift.lasts, config.manage) {
        (true, _) => "stop all instances and delete the durable: `run` creates it again",
        (false, true) if drift.key == "max_ack_pending" => {
            "`run` raises it as far as account and server allow; another program or an older \
             configuration set it"
        }
        (false, true) => "`run` corrects it; another program or an older configuration set it",
        (false, false) => {
            "edit the durable (`nats consumer edit`), or set `manage = true`, so that `run` corrects it"
        }
    }
}

fn backlog(found: &consumer::Info) -> Check {
    let (waiting, in_flight) = (found.num_pending, found.num_ack_pending);
    let seen = format!(
        "{waiting} waiting, {in_flight} in hand, {} delivered again",
        found.num_redelivered
    );
    let warn = |message: String, help: &str| {
        topics::BACKLOG.warning(Finding::new("durable", message).help(help))
    };
    let is_full = usize::try_from(found.config.max_ack_pending)
        .is_ok_and(|limit| limit > 0 && in_flight >= limit);
    if is_full {
        let ack_wait = found.config.ack_wait.as_secs();
        let help = format!(
            "all allowed deliveries wait for an acknowledgement: end the instance that holds them; they are \
             delivered again after its ack_wait ({ack_wait} s)"
        );
        warn(format!("max_ack_pending is reached: {seen}"), &help)
    } else {
        topics::BACKLOG.fine(seen)
    }
}

fn removed(look: &Look) -> Check {
    let count = removed_unseen(look);
    if count == 0 {
        return topics::UNSEEN.fine("no message left the stream before it was delivered");
    }
    let message = format!("{count} messages left the stream before they were delivered");
    let help =
        "they are lost: publish them again, and check the stream's retention and what purges it";
    topics::UNSEEN.warning(Finding::new("stream", message).help(help))
}

fn ack_wait(config: &NatsConfig) -> Check {
    let secs = config.ack_wait_secs;
    if secs < SHORT_ACK_WAIT_SECS {
        let message =
            format!("a pause of {secs} s makes the server deliver unsettled messages again");
        let help = format!("set it to {SHORT_ACK_WAIT_SECS} or more; 30 is the default");
        return topics::ACK_WAIT.warning(Finding::new("ack_wait_secs", message).help(help));
    }
    let every = NatsConfig::extend_every(config.ack_wait()).as_secs_f64();
    topics::ACK_WAIT.fine(format!("{secs} s, extended every {every:.0} s while a batch is in hand"))
}

fn in_hand(open: i64, context: &Context) -> Check {
    let open = usize::try_from(open).unwrap_or(usize::MAX);
    let one = context.workers.saturating_mul(context.max_batch);
    let instances = open / one.max(1);
    if instances < 2 {
        let message = format!(
            "one instance may take all {open} open deliveries: a second one would get nothing"
        );
        let help = format!(
            "for a second instance set `max_ack_pending` to {} or more, and raise the limits of stream, \
             account and server to the same number",
            one.saturating_mul(2)
        );
        return topics::IN_HAND.warning(Finding::new("max_ack_pending", message).help(help));
    }
    let seen = format!("{open} at once, enough for {instances} instances");
    topics::IN_HAND.fine(seen)
}

/// Tries the one permission that can be tried without moving a message.
async fn reading(api: &Api<'_>, config: &NatsConfig) -> Check {
    let subject = config.subject.all().first().map_or(">", String::as_str);
    match api.message(1, subject).await {
        Err(error @ Error::Retryable { why: Why::Denied, .. }) => {
            let help = "grant `$JS.API.STREAM.MSG.GET` and `.DELETE` of the stream: without them a \
                        message that no client can read is delivered again for ever";
            let key = if config.user.is_some() { "user" } else { "url" };
            topics::PERMISSIONS.warning(Finding::new(key, error.to_string()).help(help))
        }
        // Another check has already reported any other failure.
        Ok(_) | Err(_) => topics::PERMISSIONS.fine("to look at stream, durable and messages"),
    }
}
