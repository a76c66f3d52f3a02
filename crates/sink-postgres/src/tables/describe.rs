//! `init --table`: a table that exists, and the tables whose rows refer to it.

use std::collections::{BTreeMap, BTreeSet};

use l0_stage::existing::{Child, Filled, Table};
use sqlx::Error as SqlError;
use sqlx::postgres::PgConnection;
use sqlx::postgres::types::Oid;

use super::catalog::{find_table, has_trigger};
use super::columns::read_table;
use super::quote::quote_name;

/// `None` if there is no such table.
pub(crate) async fn describe(
    connection: &mut PgConnection,
    name: &str,
) -> Result<Option<Table>, SqlError> {
    let Some((oid, qualified)) = find_table(connection, name).await? else { return Ok(None) };
    if !is_table(connection, oid).await? {
        return Ok(None);
    }
    let mut table = table(connection, oid, name, &qualified).await?;
    for (child, name, parent, refers_to) in children(connection, oid).await? {
        let quoted = quote_name(&name);
        let child = self::table(connection, child, &name, &quoted).await?;
        table.children.push(Child { table: child, parent, refers_to });
    }
    Ok(Some(table))
}

async fn table(
    connection: &mut PgConnection,
    oid: Oid,
    name: &str,
    qualified: &str,
) -> Result<Table, SqlError> {
    let columns = read_own(connection, oid).await?;
    let order: Vec<_> = columns.iter().map(|(name, ..)| name.clone()).collect();
    let own = columns.into_iter().filter_map(|(name, sequence, clock)| match (sequence, clock) {
        (true, _) => Some((name, Filled::BySequence)),
        (_, true) => Some((name, Filled::ByClock)),
        _ => None,
    });
    let own: BTreeMap<_, _> = own.collect();
    let refers = refers(connection, oid).await?;
    let mut table = read_table(connection, oid).await?.describe(name, &order, &own, &refers);
    table.has_trigger = has_trigger(connection, qualified).await?;
    Ok(table)
}

/// Whether it is a table that a row can be inserted into, and not a view.
async fn is_table(connection: &mut PgConnection, oid: Oid) -> Result<bool, SqlError> {
    let kind = "SELECT relkind IN ('r', 'p') FROM pg_class WHERE oid = $1";
    sqlx::query_scalar(kind).bind(oid).fetch_one(connection).await
}

/// The columns with a foreign key.
async fn refers(connection: &mut PgConnection, table: Oid) -> Result<BTreeSet<String>, SqlError> {
    let columns = "SELECT a.attname::text FROM pg_constraint k
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)
        WHERE k.contype = 'f' AND k.conrelid = $1";
    let columns = sqlx::query_scalar(columns).bind(table).fetch_all(connection).await?;
    Ok(columns.into_iter().collect())
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

/// Tables with a foreign key to this one: their name, its first column, and the columns that it refers
/// to, joined by `, `.
async fn children(
    connection: &mut PgConnection,
    table: Oid,
) -> Result<Vec<(Oid, String, String, String)>, SqlError> {
    let keys = sqlx::query_as(
        "SELECT c.oid,
                CASE WHEN pg_table_is_visible(c.oid) THEN c.relname::text
                     ELSE n.nspname || '.' || c.relname END,
                a.attname::text,
                (SELECT string_agg(f.attname, ', ') FROM pg_attribute f
                 WHERE f.attrelid = k.confrelid AND f.attnum = ANY (k.confkey))
         FROM pg_constraint k
         JOIN pg_class c ON c.oid = k.conrelid
         JOIN pg_namespace n ON n.oid = c.relnamespace
         JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
         WHERE k.contype = 'f' AND k.confrelid = $1 AND k.conrelid <> $1
           AND k.conparentid = 0
         ORDER BY c.relname, a.attnum",
    );
    keys.bind(table).fetch_all(connection).await
}
