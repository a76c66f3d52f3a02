//! Checks whether the table of dead letters has the shape that this version needs.

use l0_stage::{Error, Finding};
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{FromRow, Row as _};

use crate::link::sqlstate;

/// What a role sees of the table `dead_letters`.
struct Seen {
    /// `None` if the table does not exist.
    insertable: Option<bool>,
    has_pipeline: bool,
    unique_by_pipeline: bool,
    unique_alone: bool,
    countable: Option<bool>,
}

impl FromRow<'_, PgRow> for Seen {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            insertable: row.try_get("insertable")?,
            has_pipeline: row.try_get("has_pipeline")?,
            unique_by_pipeline: row.try_get("unique_by_pipeline")?,
            unique_alone: row.try_get("unique_alone")?,
            countable: row.try_get("countable")?,
        })
    }
}

const SEE: &str = "WITH letters AS (
        SELECT to_regclass('dead_letters')::oid AS oid
    ), columns AS (
        SELECT a.attname::text AS name, a.attnum AS number
        FROM letters l JOIN pg_attribute a ON a.attrelid = l.oid
        WHERE a.attname IN ('pipeline', 'letter_key') AND NOT a.attisdropped
    ), keys AS (
        SELECT (SELECT array_agg(c.name ORDER BY c.name) FROM columns c
                WHERE c.number = ANY (i.indkey)) AS names, i.indnatts AS size
        FROM letters l JOIN pg_index i ON i.indrelid = l.oid
        WHERE i.indisunique AND i.indimmediate AND i.indisvalid
          AND i.indpred IS NULL AND i.indexprs IS NULL
    )
    SELECT has_table_privilege(oid, 'INSERT') AS insertable,
           EXISTS (SELECT FROM columns WHERE name = 'pipeline') AS has_pipeline,
           EXISTS (SELECT FROM keys WHERE size = 2 AND names = ARRAY['letter_key', 'pipeline'])
               AS unique_by_pipeline,
           EXISTS (SELECT FROM keys WHERE size = 1 AND names = ARRAY['letter_key']) AS unique_alone,
           (SELECT bool_and(has_column_privilege(oid, number, 'SELECT')) FROM columns) AS countable
    FROM letters";

/// Checks whether the role may insert dead letters into the table and count them. Returns a finding
/// if it may not.
pub(crate) async fn check(connection: &mut PgConnection) -> Result<Option<Finding>, Error> {
    let seen = see(connection).await?;
    Ok(seen.misshape().or_else(|| seen.lacking()).map(finding))
}

/// Checks whether the table of dead letters has the shape of this version. Privileges of the role
/// are not checked.
pub(crate) async fn check_shape(connection: &mut PgConnection) -> Result<Option<Finding>, Error> {
    Ok(see(connection).await?.misshape().map(finding))
}

fn finding(message: &str) -> Finding {
    Finding::new("", message).help("run `l0-runtime migrate`")
}

/// Whether the table of dead letters has the shape of this version. Privileges of the role do not
/// matter.
pub(crate) async fn is_in_shape(connection: &mut PgConnection) -> Result<bool, Error> {
    Ok(see(connection).await?.misshape().is_none())
}

async fn see(connection: &mut PgConnection) -> Result<Seen, Error> {
    sqlx::query_as::<_, Seen>(SEE).fetch_one(connection).await.map_err(|error| {
        let doing = "cannot read the catalog of postgres";
        sqlstate::classify(error, doing).error
    })
}

impl Seen {
    fn misshape(&self) -> Option<&'static str> {
        Some(match self {
            Self { insertable: None, .. } => "table `dead_letters` not found in the database",
            Self { has_pipeline: false, .. } => {
                "table `dead_letters` has the shape of an older version: it has no column `pipeline`"
            }
            Self { unique_by_pipeline: false, .. } => {
                "columns `pipeline` and `letter_key` of table `dead_letters` are not unique \
                 together: a letter may be buried twice"
            }
            Self { unique_alone: true, .. } => {
                "column `letter_key` of table `dead_letters` is unique by itself: two pipelines cannot \
                 each keep a letter for the same message"
            }
            Self { .. } => return None,
        })
    }

    fn lacking(&self) -> Option<&'static str> {
        match self {
            Self { insertable: Some(true), countable: Some(true), .. } => None,
            Self { insertable: Some(true), .. } => Some(
                "no privilege to SELECT columns `pipeline` and `letter_key` of table \
                 `dead_letters`: buried letters cannot be counted",
            ),
            Self { .. } => Some("no privilege to INSERT into table `dead_letters`"),
        }
    }
}
