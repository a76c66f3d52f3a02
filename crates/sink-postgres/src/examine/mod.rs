//! `l0-runtime doctor`: checks whether a connect and the work after it would succeed. Changes
//! nothing.

mod connections;
mod entry;
mod failed;
mod hosts;
mod letters;
mod passwords;
mod presence;
mod privileges;
mod rules;
mod server;
mod sessions;
mod tables;
mod topics;

use connections::Needed;
use entry::Entry;
use l0_stage::doctor::{Check, Examination};
use l0_stage::{Context, Error, Finding, Why};
use presence::LETTERS;
use sqlx::postgres::PgConnection;

use crate::PostgresConfig;
use crate::link::connect::Connector;
use crate::link::holder;
use crate::link::server::INVALID_PASSWORD;
use crate::link::unopened::Unopened;
use crate::tables::catalog::{self};
use crate::tables::quote::quote_name;
use crate::write::connection::CLIENT_TIMEOUT;

pub(crate) async fn examine(config: &PostgresConfig, context: &Context) -> Examination {
    let workers = Connector::for_workers(config, context);
    let mut examination =
        Examination { longest_call: Some(CLIENT_TIMEOUT), ..Examination::default() };
    let refusal = look(&workers, config, context, &mut examination).await;
    examination.checks.extend(hosts::checks(&workers).await);
    let letters = workers.for_letters(config, context);
    let letters = letters.filter(|_| !refusal.as_ref().is_some_and(Unopened::is_unreachable));
    let mut opened = match &letters {
        Some(role) => Some(role.try_mending().await),
        None => None,
    };
    if let Some(refusal) = &refusal {
        let other = opened.as_mut().and_then(|opened| opened.as_mut().ok());
        examination.checks.extend(refused_worker(refusal, other, config, context).await);
    }
    if let (Some(role), Some(opened)) = (letters, opened) {
        examination.checks.extend(match opened {
            Ok(mut connection) => {
                letters::as_mender(&mut connection, role.user(), &config.user).await
            }
            Err(also) if refusal.is_some_and(|it| it.has_cause_of(&also)) => Vec::new(),
            Err(refusal) => letters::refused(&refusal, role.user(), config),
        });
    }
    examination
}

/// Examines the server in a session of the workers' role. If the server refuses that role, reports
/// why.
async fn look(
    workers: &Connector,
    config: &PostgresConfig,
    context: &Context,
    examination: &mut Examination,
) -> Option<Unopened> {
    let mut connection = match workers.try_writing().await {
        Ok(connection) => connection,
        Err(refusal) => return Some(refusal),
    };
    if let Err(error) = as_worker(&mut connection, workers, config, context, examination).await {
        examination.checks.extend(failed(&mut connection, config, &error).await);
    }
    None
}

/// The checks for a workers' role that the server refused. Another role that the server admitted
/// may see the reason.
async fn refused_worker(
    refusal: &Unopened,
    other: Option<&mut PgConnection>,
    config: &PostgresConfig,
    context: &Context,
) -> Vec<Check> {
    if let Some(other) = other
        && refusal.code.as_deref() == Some(INVALID_PASSWORD)
        && let Ok(Some(finding)) = passwords::why_refused(other, &config.user).await
    {
        return vec![topics::SERVER.trouble(finding)];
    }
    let has_file = config.password_file.is_some();
    let entry = Entry {
        topic: topics::SERVER,
        user: &config.user,
        user_key: "user",
        password_key: if has_file { "password_file" } else { "user" },
        needed: Needed::of(config, context).all(),
        config,
    };
    entry.refused(refusal)
}

/// Examines as the workers' role. The checks that were made are kept even if a later query fails.
async fn as_worker(
    connection: &mut PgConnection,
    workers: &Connector,
    config: &PostgresConfig,
    context: &Context,
    examination: &mut Examination,
) -> Result<(), Error> {
    let checks = &mut examination.checks;
    checks.extend(server::checks(connection, config, workers.address()).await?);
    checks.push(connections::check(connection, config, context).await?);
    checks.extend(passwords::check(connection, config).await?);
    let (presence, found) = presence::check(connection, config).await?;
    checks.push(presence);
    if found.iter().any(|name| name != LETTERS) {
        let live = catalog::read(connection, &config.table).await?;
        examination.fields = tables::fields(&config.table, &live);
        examination.faulty = tables::faulty(&config.table, &live);
        checks.extend(tables::checks(connection, config, &live).await?);
    }
    if !found.is_empty() {
        checks.extend(tables::unlogged(connection, &found).await?);
        checks.extend(privileges::checks(connection, config, &found).await?);
    }
    if found.iter().any(|name| name == LETTERS) {
        checks.extend(letters::table(connection).await?);
    }
    // This check comes last: it opens another connection, which must not change the count of free
    // connections above.
    checks.extend(sessions::checks(connection, workers).await?);
    Ok(())
}

/// The check for a query that failed: because of a lock, or for another reason that the server
/// gave.
async fn failed(
    connection: &mut PgConnection,
    config: &PostgresConfig,
    error: &Error,
) -> Vec<Check> {
    let Error::Retryable { why: Why::Contended, .. } = error else {
        return topics::CATALOG.failed(error, |_| ("user", "look at the log of postgres"));
    };
    let table = &config.table;
    let names = table.children.iter().map(|child| &child.name).chain([&table.name]);
    let names = names.map(|name| (name.clone(), quote_name(name))).collect();
    let message = match holder::find(connection, &names).await {
        Some(holder) => format!("{error}: {holder}"),
        None => error.to_string(),
    };
    let help =
        "wait for the end of its transaction, or end its session: SELECT pg_terminate_backend(...)";
    vec![topics::CATALOG.trouble(Finding::new("table.name", message).help(help))]
}
