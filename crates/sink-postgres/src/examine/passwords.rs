//! Passwords that expire by `VALID UNTIL` of their role. After that, each new connection is
//! refused.

use std::collections::BTreeMap;

use l0_stage::doctor::Check;
use l0_stage::{Error, Finding};
use sqlx::postgres::PgConnection;

use super::failed::refused;
use super::topics;
use crate::PostgresConfig;
use crate::tables::quote::quote;

/// A password that is valid for longer than this many days is not reported.
const SOON: i64 = 7;

/// A role whose password expires, when, and the number of whole days left, which is negative
/// afterwards.
type Expiry = (String, String, i64);

/// Checks the passwords of both roles. A session of either role can see both expiry times.
pub(super) async fn check(
    connection: &mut PgConnection,
    config: &PostgresConfig,
) -> Result<Vec<Check>, Error> {
    let letters = config.dead_letters.iter().map(|role| (role.user.as_str(), "dead_letters.user"));
    let keys: BTreeMap<_, _> = letters.chain([(config.user.as_str(), "user")]).collect();
    let expiring = expiring(connection, keys.keys().copied()).await?;
    let told = expiring.iter().filter(|(_, _, days)| *days < SOON);
    let findings = told.map(|expiry| {
        let key = keys.get(expiry.0.as_str()).copied().unwrap_or("user");
        finding(key, expiry)
    });
    Ok(topics::PASSWORDS.warnings(findings.collect(), || match expiring.first() {
        None => "none has a day on which it expires".to_owned(),
        Some((user, at, _)) => format!("that of role `{user}` is valid until {at}"),
    }))
}

/// Why a password is refused although the configuration may have the right one: it has expired, or
/// the role does not exist. Postgres tells this only to sessions of other roles.
pub(super) async fn why_refused(
    connection: &mut PgConnection,
    user: &str,
) -> Result<Option<Finding>, Error> {
    let exists = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)");
    let exists: bool = exists.bind(user).fetch_one(&mut *connection).await.map_err(refused)?;
    if !exists {
        let message = format!("role `{user}` does not exist");
        let help = "run `l0-runtime migrate`: it creates the role, and grants what it needs";
        return Ok(Some(Finding::new("user", message).help(help)));
    }
    let expiring = expiring(connection, [user]).await?;
    Ok(expiring.iter().find(|(_, _, days)| *days < 0).map(|expiry| finding("user", expiry)))
}

fn finding(key: &str, (user, at, days): &Expiry) -> Finding {
    let message = match days {
        ..0 => format!("the password of role `{user}` expired at {at}"),
        0 => format!("the password of role `{user}` expires within a day, at {at}"),
        days => format!("the password of role `{user}` expires in {days} days, at {at}"),
    };
    let help = format!("ALTER ROLE {} VALID UNTIL 'infinity', or a later day", quote(user));
    Finding::new(key, format!("{message}: new connections are refused then")).help(help)
}

async fn expiring(
    connection: &mut PgConnection,
    users: impl IntoIterator<Item = &str>,
) -> Result<Vec<Expiry>, Error> {
    let users: Vec<_> = users.into_iter().map(str::to_owned).collect();
    let expiring = sqlx::query_as(
        "SELECT rolname::text, to_char(rolvaliduntil, 'YYYY-MM-DD HH24:MI \"UTC\"'),
                floor(extract(epoch FROM rolvaliduntil - now()) / 86400)::bigint
         FROM pg_roles WHERE rolname = ANY ($1) AND isfinite(rolvaliduntil)
         ORDER BY rolvaliduntil",
    );
    expiring.bind(users).fetch_all(connection).await.map_err(refused)
}
