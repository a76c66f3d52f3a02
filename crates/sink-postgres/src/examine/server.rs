use std::time::{Duration, Instant};

use l0_stage::doctor::Check;
use l0_stage::{Error, Finding};
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{Connection as _, Row};

use super::failed::refused;
use super::topics;
use crate::link::clock::Clock;
use crate::link::hosts::Address;
use crate::link::tls::is_local;
use crate::{PostgresConfig, Tls};

/// Checks a server that has admitted our session. Only a primary with the encoding UTF8 admits one.
pub(super) async fn checks(
    connection: &mut PgConnection,
    config: &PostgresConfig,
    address: &Address,
) -> Result<Vec<Check>, Error> {
    let asked = Instant::now();
    connection.ping().await.map_err(refused)?;
    let round_trip = asked.elapsed();
    let row = sqlx::query(
        "SELECT current_setting('server_version') AS version,
                current_setting('fsync') AS fsync,
                current_setting('full_page_writes') AS full_page_writes,
                current_setting('synchronous_standby_names') AS standbys,
                (SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()) AS tls",
    );
    let row = row.fetch_one(&mut *connection).await.map_err(refused)?;
    let clock = Clock::ask(connection).await.map_err(refused)?;
    let mut checks = vec![
        answer(config, address, &row, round_trip)?,
        encryption(config.tls, &address.host, &row)?,
        set_like_ours(address, clock),
    ];
    checks.extend(durability(&row)?);
    Ok(checks)
}

fn text(row: &PgRow, column: &str) -> Result<String, Error> {
    row.try_get::<String, _>(column).map_err(refused)
}

fn answer(
    config: &PostgresConfig,
    address: &Address,
    row: &PgRow,
    round_trip: Duration,
) -> Result<Check, Error> {
    let database = &config.database;
    let time = round_trip.as_secs_f64() * 1000.0;
    let version = text(row, "version")?;
    let version = version.split_whitespace().next().unwrap_or_default();
    let seen = format!(
        "postgres {version} at {address}, database {database}, primary, UTF8, answers in \
         {time:.1} ms"
    );
    Ok(topics::SERVER.fine(seen))
}

fn encryption(tls: Tls, host: &str, row: &PgRow) -> Result<Check, Error> {
    let protocol: Option<String> = row.try_get("tls").map_err(refused)?;
    let verified = tls.verifies(host);
    Ok(match protocol {
        Some(protocol) if verified => {
            topics::ENCRYPTION.fine(format!("{protocol}, certificate verified"))
        }
        Some(protocol) => topics::ENCRYPTION.fine(format!("{protocol}, certificate not verified")),
        None if tls == Tls::Disable => topics::ENCRYPTION.fine("none, as `tls = \"disable\"` says"),
        None if !is_local(host) => {
            let message = format!("documents cross the network to {host} unencrypted");
            let help = "give postgres a certificate and write `tls = \"verify-full\"`";
            topics::ENCRYPTION.warning(Finding::new("tls", message).help(help))
        }
        None => topics::ENCRYPTION.fine("none: postgres runs on this machine"),
    })
}

fn set_like_ours(address: &Address, clock: Clock) -> Check {
    let Some(fault) = clock.fault() else {
        return topics::CLOCK.fine("within a second of this machine's");
    };
    let message = format!("the clock of postgres at {address} {fault}");
    let help = "synchronise both clocks by NTP: latencies, and the times in rows and letters, are wrong by the difference";
    topics::CLOCK.warning(Finding::new("host", message).help(help))
}

/// Checks whether committed documents survive a crash. Our sessions use `synchronous_commit = on`,
/// whatever the server's default is.
fn durability(row: &PgRow) -> Result<Vec<Check>, Error> {
    let settings = [
        ("fsync", "a power cut or a crash of its machine loses documents that were acknowledged"),
        ("full_page_writes", "a power cut can leave torn pages: documents that cannot be read"),
    ];
    let mut findings = Vec::new();
    for (setting, meaning) in settings {
        if text(row, setting)? == "off" {
            let message = format!("postgres runs with `{setting} = off`: {meaning}");
            let help = format!("ALTER SYSTEM SET {setting} = on; SELECT pg_reload_conf()");
            findings.push(Finding::new("host", message).help(help));
        }
    }
    let standbys = text(row, "standbys")?;
    Ok(topics::DURABILITY.warnings(findings, || {
        let copies = match standbys.as_str() {
            "" => "a commit waits for no standby",
            _ => "a commit waits for a standby",
        };
        format!("fsync and full_page_writes on, commits are synchronous, {copies}")
    }))
}
