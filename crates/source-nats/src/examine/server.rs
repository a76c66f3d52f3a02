//! `doctor` checks the server and the connection.

use std::net::IpAddr;
use std::time::Duration;

use async_nats::ServerAddr;
use l0_stage::doctor::Check;
use l0_stage::{Finding, Why};

use super::topics;
use crate::NatsConfig;
use crate::jetstream::api::Api;
use crate::link::Link;

/// The oldest version of nats-server that this stage supports.
const OLDEST: (u64, u64) = (2, 10);

/// The key that a failed connect points at, and what helps.
pub(super) fn place_of_failure(
    config: &NatsConfig,
    why: Option<Why>,
) -> (&'static str, &'static str) {
    match why {
        Some(Why::Denied) => match credentials(config) {
            Some(key) => (key, "correct the credentials, or add this user on the server"),
            None => ("url", "add `user` and `password`, or other credentials"),
        },
        Some(Why::Mismatch) if config.tls_ca_file.is_some() => {
            ("tls_ca_file", "name the authority of the server's certificate")
        }
        Some(Why::Mismatch) => {
            ("url", "write `tls://` for a server with TLS; `tls_ca_file` names its authority")
        }
        Some(Why::TimedOut) => {
            ("url", "check whether the server hangs, or a firewall drops packets")
        }
        _ => ("url", "start nats-server, or correct `url`"),
    }
}

/// The key of the credentials. It is one that holds a secret only if there is no other.
fn credentials(config: &NatsConfig) -> Option<&'static str> {
    let keys = [
        ("credentials_file", config.credentials_file.is_some()),
        ("nkey_file", config.nkey_file.is_some()),
        ("nkey", config.nkey.is_some()),
        ("token", config.token.is_some()),
        ("password_file", config.password_file.is_some()),
        ("user", config.user.is_some()),
    ];
    keys.into_iter().find(|(_, is_given)| *is_given).map(|(key, _)| key)
}

pub(super) fn version(link: &Link, round_trip: Duration) -> Check {
    let version = link.connection().client.server_info().version;
    let address = &link.address;
    if is_older(&version) {
        let message = format!("nats-server at {address} is {version}, older than 2.10");
        return topics::SERVER.warning(Finding::new("url", message).help("update nats-server"));
    }
    let time = round_trip.as_secs_f64() * 1000.0;
    topics::SERVER.fine(format!("nats-server {version} at {address}, answers in {time:.1} ms"))
}

/// `None` if the server does not tell the time.
pub(super) async fn clock(api: &Api<'_>, link: &Link) -> Option<Check> {
    let difference = api.clock().await.ok().flatten()?;
    Some(match difference.told(&link.address) {
        None => topics::CLOCK.fine("agrees with this machine's"),
        Some(message) => {
            let help = "synchronise both clocks by NTP: latencies and times of rows are wrong by the difference";
            topics::CLOCK.warning(Finding::new("url", message).help(help))
        }
    })
}

fn is_older(version: &str) -> bool {
    let mut numbers = version.split(['.', '-']).map(|number| number.parse::<u64>().ok());
    let first_two = numbers.next().flatten().zip(numbers.next().flatten());
    first_two.is_some_and(|version| version < OLDEST)
}

pub(super) fn encryption(link: &Link, config: &NatsConfig) -> Check {
    let asked = config.url.starts_with("tls://")
        || config.tls_ca_file.is_some()
        || config.tls_cert_file.is_some();
    if asked || link.connection().client.server_info().tls_required {
        return topics::ENCRYPTION.fine("TLS, certificate verified");
    }
    let sends_secret = config.user.is_some() || config.token.is_some();
    if sends_secret && !is_local(&config.url) {
        let message = "the password or token crosses the network unencrypted";
        let help = "give nats-server a certificate and write `tls://`, or use an nkey";
        return topics::ENCRYPTION.warning(Finding::new("url", message).help(help));
    }
    topics::ENCRYPTION.fine(if is_local(&config.url) {
        "none: nats runs on this machine"
    } else {
        "none"
    })
}

fn is_local(url: &str) -> bool {
    let host = url.parse::<ServerAddr>().map(|server| server.host().to_owned());
    host.is_ok_and(|host| {
        host.eq_ignore_ascii_case("localhost")
            || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    })
}

/// Checks whether a batch can hold the largest messages of the server.
pub(super) fn batch(link: &Link) -> Vec<Check> {
    match link.check_payload() {
        Ok(()) => Vec::new(),
        Err(error) => topics::BATCH.failed(&error, |_| ("max_batch_bytes", "set it higher")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        for old in ["2.9.25", "1.4.0"] {
            assert!(is_older(old), "{old}");
        }
        for new in ["2.10.0", "2.15.1", "3.0.0-beta.1", "dev"] {
            assert!(!is_older(new), "{new}");
        }
    }
}
