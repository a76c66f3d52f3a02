//! `init --table`: a table that exists, and the tables whose rows refer to it.

use std::collections::BTreeMap;

use l0_stage::existing::{Child, Filled, Table};
use sqlx::Error as SqlError;
use sqlx::postgres::PgConnection;
use sqlx::postgres::types::Oid;

use super::catalog::find_table;
use super::columns::read_table;

/// `None` if there is no such table.
pub(crate) async fn describe(
    connection: &mut PgConnection,
    name: &str,
) -> Result<Option<Table>, SqlError> {
    let Some((oid, _)) = find_table(connection, name).await? else { return Ok(None) };
    let mut table = table(connection, oid, name).await?;
    for (child, name, parent, refers_to) in children(connection, oid).await? {
        let child = self::table(connection, child, &name).await?;
        table.children.push(Child { table: child, parent, refers_to });
    }
    Ok(Some(table))
}

async fn table(connection: &mut PgConnection, oid: Oid, name: &str) -> Result<Table, SqlError> {
    let columns = read_own(connection, oid).await?;
    let order: Vec<_> = columns.iter().map(|(name, ..)| name.clone()).collect();
    let own = columns.into_iter().filter_map(|(name, sequence, clock)| match (sequence, clock) {
        (true, _) => Some((name, Filled::BySequence)),
        (_, true) => Some((name, Filled::ByClock)),
        _ => None,
    });
    let own: BTreeMap<_, _> = own.collect();
    Ok(read_table(connection, oid).await?.describe(name, &order, &own))
}

/// The columns in their order, and whether a sequence or the clock fills them. An integer primary key
/// with any default counts as filled by a sequence.
async fn read_own(
    connection: &mut PgConnection,
    table: Oid,
) -> Result<Vec<(String, bool, bool)>, SqlError> {
    let columns = sqlx::query_as(
        r"SELECT a.attname::text,
              a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
                  AND (a.attidentity <> ''
                       OR coalesce(pg_get_expr(d.adbin, d.adrelid) ~ '^nextval\(', false)
                       OR d.adbin IS NOT NULL AND a.attgenerated = '' AND p.indrelid IS NOT NULL),
              a.atttypid IN ('timestamptz'::regtype, 'timestamp'::regtype) AND a.attgenerated = ''
                  AND coalesce(pg_get_expr(d.adbin, d.adrelid)
                      ~* '^(now\(\)|current_timestamp|localtimestamp|(clock|statement|transaction)_timestamp\(\))',
                      false)
          FROM pg_attribute a
          LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
          LEFT JOIN pg_index p ON p.indrelid = a.attrelid AND p.indisprimary
              AND p.indnkeyatts = 1 AND p.indkey[0] = a.attnum
          WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped
          ORDER BY a.attnum",
    );
    columns.bind(table).fetch_all(connection).await
}

/// Tables with a foreign key of one column to this one: their name, that column, and the column that it
/// refers to.
async fn children(
    connection: &mut PgConnection,
    table: Oid,
) -> Result<Vec<(Oid, String, String, String)>, SqlError> {
    let keys = sqlx::query_as(
        "SELECT c.oid,
                CASE WHEN pg_table_is_visible(c.oid) THEN c.relname::text
                     ELSE n.nspname || '.' || c.relname END,
                a.attname::text, f.attname::text
         FROM pg_constraint k
         JOIN pg_class c ON c.oid = k.conrelid
         JOIN pg_namespace n ON n.oid = c.relnamespace
         JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
         JOIN pg_attribute f ON f.attrelid = k.confrelid AND f.attnum = k.confkey[1]
         WHERE k.contype = 'f' AND k.confrelid = $1 AND k.conrelid <> $1
           AND k.conparentid = 0 AND cardinality(k.conkey) = 1
         ORDER BY c.relname, a.attnum",
    );
    keys.bind(table).fetch_all(connection).await
}
