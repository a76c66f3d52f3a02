//! How many deliveries the durable may have open, if stream, account or server allow fewer than
//! the configuration wants.

use async_nats::jetstream::Error as Refusal;
use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::account::Account;
use async_nats::jetstream::consumer::{Config, Info};
use async_nats::jetstream::stream;
use l0_stage::Error;

use super::api::{Action, Api};
use super::stream::Risk;
use crate::NatsConfig;

/// The most open deliveries that stream and account allow a consumer, as far as is known.
pub(crate) fn allowed(config: &NatsConfig, stream: &stream::Config, account: Option<i64>) -> i64 {
    let configured = i64::try_from(config.max_ack_pending).unwrap_or(i64::MAX);
    most_open(stream).into_iter().chain(account).fold(configured, i64::min)
}

fn most_open(stream: &stream::Config) -> Option<i64> {
    stream.consumer_limits.as_ref().map(|limits| limits.max_ack_pending).filter(|most| *most > 0)
}

/// The most open deliveries that the account allows a consumer of a stream with these replicas.
pub(crate) fn of_account(account: &Account, stream: &stream::Config) -> Option<i64> {
    let tier = account.tiers.get(&format!("R{}", stream.num_replicas.max(1)));
    let limits = tier.map_or(account.limits, |tier| tier.limits);
    Some(limits.max_ack_pending).filter(|most| *most > 0)
}

/// Creates or updates the durable. If the server allows fewer open deliveries than wanted, the
/// durable gets as many as it allows. The server tells its limit by refusing.
pub(crate) async fn put(
    api: &Api<'_>,
    wanted: &Config,
    action: Action,
) -> Result<Result<Info, Refusal>, Error> {
    let refusal = match api.put_consumer(wanted, action).await? {
        Ok(info) => return Ok(Ok(info)),
        Err(refusal) => refusal,
    };
    match limit_told(&refusal).filter(|most| *most < wanted.max_ack_pending) {
        Some(most) => {
            let less = Config { max_ack_pending: most, ..wanted.clone() };
            api.put_consumer(&less, action).await
        }
        None => Ok(Err(refusal)),
    }
}

/// Reads the limit from `consumer max ack pending exceeds system limit of 1000`.
fn limit_told(refusal: &Refusal) -> Option<i64> {
    if refusal.error_code() != ErrorCode::CONSUMER_MAX_PENDING_ACK_EXCESS {
        return None;
    }
    let text = refusal.to_string();
    let (_, limit) = text.split_once("limit of ")?;
    let digits = limit.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok().filter(|most| *most > 0)
}

/// The risk that the stream allows its consumers less than the configuration wants.
pub(crate) fn tight(config: &NatsConfig, stream: &stream::Config) -> Option<Risk> {
    let cure = "raise the consumer limits of the stream, or lower `max_ack_pending` to them";
    let most = format!("{} deliveries open (consumer limits)", most_open(stream)?);
    let whose = format!("stream `{}` lets a consumer", stream.name);
    is_less(config, most_open(stream)?).then(|| told(config, &whose, &most, cure))
}

/// The risk that the account allows its consumers fewer open deliveries than the configuration
/// wants.
pub(crate) fn tight_account(config: &NatsConfig, most: i64) -> Option<Risk> {
    let cure = "raise `max_ack_pending` in the JetStream limits of the account, or lower it here";
    let whose = format!("the account of stream `{}` lets a consumer", config.stream);
    let open = format!("{most} deliveries open");
    is_less(config, most).then(|| told(config, &whose, &open, cure))
}

/// The risk that account or server allows fewer open deliveries than wanted. It shows in a durable
/// that has fewer than wanted.
pub(crate) fn tight_server(config: &NatsConfig, wanted: i64, durable: &Config) -> Option<Risk> {
    let cure =
        "raise `max_ack_pending` in the JetStream limits of account or server, or lower it here";
    let whose = format!("nats lets a consumer of stream `{}`", config.stream);
    let open = format!("{} deliveries open", durable.max_ack_pending);
    (0..wanted).contains(&durable.max_ack_pending).then(|| told(config, &whose, &open, cure))
}

fn is_less(config: &NatsConfig, most: i64) -> bool {
    usize::try_from(most).is_ok_and(|most| most < config.max_ack_pending)
}

fn told(config: &NatsConfig, whose: &str, open: &str, cure: &'static str) -> Risk {
    let text = format!("{whose} have {open}, not the configured {}", config.max_ack_pending);
    Risk { text, cure }
}
