//! `l0-runtime doctor`: checks whether a connect and the work after it would succeed. Changes
//! nothing.

mod durable;
mod server;
mod stream;
mod topics;

use std::collections::BTreeMap;
use std::time::Instant;

use l0_stage::doctor::{Check, Examination};
use l0_stage::{Context, Why};

use crate::NatsConfig;
use crate::jetstream::allowance::of_account;
use crate::jetstream::api::Api;
use crate::link::Link;

pub(crate) async fn examine(config: &NatsConfig, context: &Context) -> Examination {
    let memory = context.workers.saturating_mul(config.max_batch_bytes);
    let mut examination = Examination {
        memory: BTreeMap::from([("max_batch_bytes", memory)]),
        ..Examination::default()
    };
    match Link::connect(config, context).await {
        Ok(link) => {
            examination.largest_message = Some(link.connection().client.max_payload());
            examination.checks = checks(&link, config, context).await;
        }
        Err(error) => {
            examination.checks =
                topics::SERVER.failed(&error, |why| server::place_of_failure(config, why));
        }
    }
    examination
}

async fn checks(link: &Link, config: &NatsConfig, context: &Context) -> Vec<Check> {
    let api = Api::new(link, config);
    // The first request may have to wait until the connection is established.
    let first = api.stream().await;
    let asked = Instant::now();
    let answer = if first.is_ok() { api.stream().await } else { first };
    let round_trip = asked.elapsed();
    let mut checks = vec![server::version(link, round_trip), server::encryption(link, config)];
    checks.extend(server::batch(link));
    let found = match answer {
        Ok(found) => found,
        Err(error) => {
            checks.extend(topics::JETSTREAM.failed(&error, |why| place(why, "url")));
            return checks;
        }
    };
    checks.push(topics::JETSTREAM.fine("is enabled"));
    let Some(found) = found else {
        checks.push(stream::absent(&api, config).await);
        return checks;
    };
    checks.extend(server::clock(&api, link).await);
    let account = api.account().await.ok();
    checks.extend(stream::checks(&api, config, account.as_ref(), &found).await);
    let most = account.and_then(|account| of_account(&account, &found.config));
    checks.extend(durable::checks(&api, config, context, &found, most).await);
    checks
}

/// The key of the section that a failed request points at, and the help text.
fn place(why: Option<Why>, key: &'static str) -> (&'static str, &'static str) {
    match why {
        Some(Why::Denied) => (
            "user",
            "allow this user to publish there; the README of l0-source-nats lists all subjects that it needs",
        ),
        Some(Why::Mismatch) => (
            key,
            "enable JetStream for this account in the configuration of nats-server, or start it with `--jetstream`",
        ),
        Some(Why::Full) => (key, "give the account more room in the server's configuration"),
        _ => (key, "read the log of nats-server"),
    }
}
