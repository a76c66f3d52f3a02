use std::collections::BTreeMap;

use l0_stage::{Check, Error, Finding};
use sqlx::postgres::PgConnection;

use super::entry::Entry;
use super::refused as failed;
use crate::unopened::Unopened;
use crate::{PostgresConfig, letters_table};

const NAME: &str = "dead letters";
const ROLE: &str = "letters role";
const USER: &str = "dead_letters.user";

/// What burying and mending use, with their types.
const COLUMNS: &[(&str, &str)] = &[
    ("id", "bigint"),
    ("pipeline", "text"),
    ("letter_key", "bytea"),
    ("buried_at", "timestamp with time zone"),
    ("reason", "text"),
    ("detail", "text"),
    ("stream", "text"),
    ("stream_created", "timestamp with time zone"),
    ("sequence", "bigint"),
    ("published_at", "timestamp with time zone"),
    ("attempts", "bigint"),
    ("subject", "bytea"),
    ("headers", "bytea"),
    ("payload", "bytea"),
    ("document_key", "text"),
    ("replayed_at", "timestamp with time zone"),
    ("replayed_as", "bigint"),
    ("discarded_at", "timestamp with time zone"),
];

const MIGRATE: &str = "run `l0-runtime migrate`";

/// The table of dead letters, as the workers see it.
pub(super) async fn table(connection: &mut PgConnection) -> Result<Vec<Check>, Error> {
    if let Some(finding) = letters_table::check(connection).await? {
        return Ok(vec![Check::trouble(NAME, finding)]);
    }
    let columns = sqlx::query_as::<_, (String, String)>(
        "SELECT attname::text, format_type(atttypid, NULL) FROM pg_attribute
         WHERE attrelid = to_regclass('dead_letters') AND attnum > 0 AND NOT attisdropped",
    );
    let columns = columns.fetch_all(&mut *connection).await.map_err(failed)?;
    let columns: BTreeMap<_, _> = columns.into_iter().collect();
    let wrong = COLUMNS.iter().filter_map(|(name, declared)| match columns.get(*name) {
        Some(found) if found == declared => None,
        Some(found) => {
            let message = format!("column `dead_letters.{name}` is `{found}`, not `{declared}`");
            Some(Finding::new("", message).help(MIGRATE))
        }
        None => {
            let message = format!("column `{name}` not found in table `dead_letters`");
            Some(Finding::new("", message).help(MIGRATE))
        }
    });
    let seen = || "the table has its columns, and workers may bury and count".to_owned();
    Ok(Check::troubles(NAME, wrong.collect(), seen))
}

/// The role that mends dead letters, as itself.
pub(super) async fn as_mender(connection: &mut PgConnection, user: &str) -> Vec<Check> {
    let missing = match missing_privileges(connection).await {
        Ok(missing) => missing,
        Err(error) => {
            return Check::failed(ROLE, &error, |_| (USER, "look at the log of postgres"));
        }
    };
    let findings = missing.into_iter().map(|privilege| {
        let message = format!("role `{user}` has no privilege to {privilege} in `dead_letters`");
        Finding::new(USER, message).help(MIGRATE)
    });
    let seen = || format!("role `{user}` may read, mark and delete letters");
    Check::troubles(ROLE, findings.collect(), seen)
}

/// A role that was not let in.
pub(super) fn refused(refusal: &Unopened, user: &str, config: &PostgresConfig) -> Vec<Check> {
    let (user_key, password_key) = (USER, USER);
    Entry { check: ROLE, user, user_key, password_key, needed: 1, config }.refused(refusal)
}

/// None, where the table is not there: that is said already.
async fn missing_privileges(connection: &mut PgConnection) -> Result<Vec<String>, Error> {
    let missing = sqlx::query_scalar::<_, String>(
        "SELECT privilege FROM unnest(ARRAY['SELECT', 'UPDATE', 'DELETE']) AS privilege
         WHERE NOT has_table_privilege(to_regclass('dead_letters'), privilege)",
    );
    missing.fetch_all(connection).await.map_err(failed)
}
