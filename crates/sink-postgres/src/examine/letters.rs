//! Checks the table of dead letters, and the role that works with it.

use std::collections::BTreeMap;

use super::topics;
use l0_stage::doctor::Check;
use l0_stage::{Error, Finding};
use sqlx::postgres::PgConnection;

use super::entry::Entry;
use super::failed::refused as failed;
use crate::PostgresConfig;
use crate::link::unopened::Unopened;
use crate::tables::letters_table;

const USER: &str = "dead_letters.user";

/// The columns that are used to bury, replay and purge letters, with their types.
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

/// Checks the table of dead letters, as the workers see it.
pub(super) async fn table(connection: &mut PgConnection) -> Result<Vec<Check>, Error> {
    if let Some(finding) = letters_table::check_shape(connection).await? {
        return Ok(vec![topics::LETTERS.trouble(finding)]);
    }
    let columns = sqlx::query_as::<_, (String, String)>(
        "SELECT attname::text, format_type(atttypid, NULL) FROM pg_attribute
         WHERE attrelid = to_regclass('dead_letters') AND attnum > 0 AND NOT attisdropped",
    );
    let columns = columns.fetch_all(&mut *connection).await.map_err(failed)?;
    let columns: BTreeMap<_, _> = columns.into_iter().collect();
    let absent: Vec<_> =
        COLUMNS.iter().map(|(name, _)| *name).filter(|name| !columns.contains_key(*name)).collect();
    let absent = (!absent.is_empty()).then(|| {
        let plural = if absent.len() == 1 { "" } else { "s" };
        format!("column{plural} `{}` not found in table `dead_letters`", absent.join("`, `"))
    });
    let others = COLUMNS.iter().filter_map(|(name, declared)| match columns.get(*name) {
        Some(found) if found != declared => {
            Some(format!("column `dead_letters.{name}` is `{found}`, not `{declared}`"))
        }
        _ => None,
    });
    let wrong = others.chain(absent).map(|message| Finding::new("", message).help(MIGRATE));
    let seen = || "the table has its columns, and keeps each letter once".to_owned();
    Ok(topics::LETTERS.troubles(wrong.collect(), seen))
}

/// Checks the role for dead letters in a session of its own. An absent table, and a schema that the
/// workers may not use either, are reported by other checks.
pub(super) async fn as_mender(
    connection: &mut PgConnection,
    user: &str,
    worker: &str,
) -> Vec<Check> {
    let Mender { sees_table, sees_schema, worker_sees, lacks } =
        match Mender::ask(connection, worker).await {
            Ok(mender) => mender,
            Err(error) => {
                return topics::LETTERS_ROLE
                    .failed(&error, |_| (USER, "look at the log of postgres"));
            }
        };
    let trouble =
        |message| vec![topics::LETTERS_ROLE.trouble(Finding::new(USER, message).help(MIGRATE))];
    match (sees_table, sees_schema) {
        (false, false) if worker_sees => {
            trouble(format!("role `{user}` has no USAGE on schema `public`"))
        }
        (false, _) => Vec::new(),
        (true, _) if lacks.is_empty() => {
            let seen = format!("role `{user}` may read, mark and delete letters");
            vec![topics::LETTERS_ROLE.fine(seen)]
        }
        (true, _) => {
            let lacks = lacks.join(", ");
            trouble(format!("role `{user}` has no privilege to {lacks} in `dead_letters`"))
        }
    }
}

/// The checks for a role that was refused.
pub(super) fn refused(refusal: &Unopened, user: &str, config: &PostgresConfig) -> Vec<Check> {
    let (user_key, password_key) = (USER, USER);
    Entry { topic: topics::LETTERS_ROLE, user, user_key, password_key, needed: 1, config }
        .refused(refusal)
}

/// What the role for dead letters sees, and what it may do.
struct Mender {
    sees_table: bool,
    sees_schema: bool,
    /// Whether the workers' role may use the schema.
    worker_sees: bool,
    lacks: Vec<String>,
}

impl Mender {
    async fn ask(connection: &mut PgConnection, worker: &str) -> Result<Self, Error> {
        let asked = sqlx::query_as::<_, (bool, bool, bool, Vec<String>)>(
            "WITH place AS (
                 SELECT to_regclass('dead_letters') AS letters, to_regnamespace('public') AS schema
             )
             SELECT letters IS NOT NULL,
                    has_schema_privilege(schema, 'USAGE') IS TRUE,
                    EXISTS (SELECT FROM pg_roles
                            WHERE rolname = $1 AND has_schema_privilege(oid, schema, 'USAGE')),
                    ARRAY(SELECT privilege FROM unnest(ARRAY['SELECT', 'UPDATE', 'DELETE']) privilege
                          WHERE NOT has_table_privilege(letters, privilege))
             FROM place",
        );
        let asked = asked.bind(worker).fetch_one(connection).await.map_err(failed)?;
        let (sees_table, sees_schema, worker_sees, lacks) = asked;
        Ok(Self { sees_table, sees_schema, worker_sees, lacks })
    }
}
