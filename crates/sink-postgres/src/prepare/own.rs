//! The migrations of our own table, apart from the user's folder. Each may be applied again, so
//! it is not recorded which ones were.

use l0_stage::anyhow::{self, Context as _};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _};

use crate::link::said;
use crate::tables::letters_table;

/// The name and the text of each, in their order.
const MIGRATIONS: [(&str, &str); 2] = [
    ("1 dead_letters", include_str!("../../migrations/0001_dead_letters.sql")),
    ("2 letters_by_pipeline", include_str!("../../migrations/0002_letters_by_pipeline.sql")),
];

/// Changes our table from any earlier shape to the shape of this version, in one transaction: a
/// running instance sees either the old shape or the new one. Returns one line per migration.
pub(crate) async fn apply(connection: &mut PgConnection) -> anyhow::Result<Vec<String>> {
    if !is_current(connection).await? {
        apply_all(connection).await?;
    }
    let mut steps: Vec<_> =
        MIGRATIONS.iter().map(|(name, _)| format!("our migration {name}")).collect();
    let from_before = "SELECT EXISTS (SELECT FROM dead_letters WHERE pipeline = '')";
    let from_before = sqlx::query_scalar::<_, bool>(from_before).fetch_one(connection).await;
    // A role that may not read letters gets an error here. The error does not fail the migration.
    if from_before.unwrap_or(false) {
        steps.push(FROM_BEFORE.to_owned());
    }
    Ok(steps)
}

/// A hint for the operator, who would otherwise not see letters that belong to no pipeline.
const FROM_BEFORE: &str = "some letters were buried before letters belonged to a pipeline: \
    `l0-runtime dlq list --pipeline ''` lists them";

/// Whether the table already has the shape of this version. Then no change is made, because the
/// lock for a change would have to wait for a running backup.
async fn is_current(connection: &mut PgConnection) -> anyhow::Result<bool> {
    let indexes = sqlx::query_scalar::<_, bool>(
        "SELECT count(*) = 3 FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
         WHERE i.indrelid = to_regclass('dead_letters') AND i.indisvalid AND c.relname IN (
             'dead_letters_pipeline', 'dead_letters_pipeline_waiting',
             'dead_letters_pipeline_document_key')",
    );
    let has_indexes = indexes.fetch_one(&mut *connection).await.map_err(said::plain)?;
    Ok(has_indexes && letters_table::is_in_shape(connection).await?)
}

async fn apply_all(connection: &mut PgConnection) -> anyhow::Result<()> {
    let mut transaction = connection.begin().await.map_err(said::plain)?;
    for (name, sql) in MIGRATIONS {
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
            .execute(&mut *transaction)
            .await
            .map_err(said::plain)
            .with_context(|| format!("cannot apply our migration {name}"))?;
    }
    transaction.commit().await.map_err(said::plain)
}
