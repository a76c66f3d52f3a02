//! `l0-runtime doctor`: whether a connect and the work after it would go well. Nothing is changed.

mod connections;
mod letters;
mod rules;
mod server;
mod sessions;
mod tables;

use l0_stage::{Check, Context, Error, Examination, Why};
use sqlx::postgres::PgConnection;

use crate::PostgresConfig;
use crate::connect::Connector;
use crate::sqlstate;
use crate::write::CLIENT_TIMEOUT;

pub(crate) async fn examine(config: &PostgresConfig, context: &Context) -> Examination {
    let workers = Connector::for_workers(config, context);
    let mut examination =
        Examination { longest_call: Some(CLIENT_TIMEOUT), ..Examination::default() };
    match workers.writing().await {
        Ok(mut connection) => {
            let checks = as_worker(&mut connection, config, context, &mut examination).await;
            examination.checks.extend(checks.unwrap_or_else(|error| {
                Check::failed("catalog", &error, |_| ("user", "look at the log of postgres"))
            }));
        }
        Err(error) => {
            let place = |why| place_of_failure(why, config.password_file.is_some());
            examination.checks = Check::failed("server", &error, place);
        }
    }
    let is_reached = !examination.checks.iter().any(is_unreachable);
    let letters = config.letters_role(&workers, context).filter(|_| is_reached);
    if let Some(letters) = letters {
        examination.checks.extend(letters::as_mender(&letters).await);
    }
    examination
}

async fn as_worker(
    connection: &mut PgConnection,
    config: &PostgresConfig,
    context: &Context,
    examination: &mut Examination,
) -> Result<Vec<Check>, Error> {
    let mut checks = server::checks(connection, config).await?;
    checks.push(connections::check(connection, config, context).await?);
    let (of_tables, fields) = tables::checks(connection, config).await?;
    examination.fields = fields;
    checks.extend(of_tables);
    checks.extend(letters::table(connection).await?);
    // Last: it opens a connection more, and they were counted.
    checks.extend(sessions::checks(connection, &Connector::for_workers(config, context)).await?);
    Ok(checks)
}

fn is_unreachable(check: &Check) -> bool {
    matches!(check.condition, l0_stage::Condition::Unreachable(_))
}

const PASSWORD: &str = "mend the password, or run `l0-runtime migrate`: it creates a role that is \
    absent; with `--set-passwords` it changes the password for everyone who uses the role";

/// Where the cause of a failed connect is, and what helps.
fn place_of_failure(why: Option<Why>, has_password_file: bool) -> (&'static str, &'static str) {
    match why {
        Some(Why::Denied) if has_password_file => ("password_file", PASSWORD),
        Some(Why::Denied) => ("user", PASSWORD),
        Some(Why::Contended) => {
            ("", "no connection is free: raise `max_connections` of postgres, or close some")
        }
        Some(Why::Mismatch) => (
            "database",
            "name the primary of a postgres 14 or newer, and a database that exists, in UTF8",
        ),
        _ => ("host", "start postgres, or mend `host` and `port`"),
    }
}

/// The error of a look that failed.
fn refused(error: sqlx::Error) -> Error {
    sqlstate::classify(error, "cannot look at postgres").error
}
