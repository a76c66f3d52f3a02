//! Detects whether anything has changed in the catalog that was read about the tables of a
//! mapping.

use std::collections::BTreeMap;

use l0_mapping::Table;
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;

use super::quote::quote_name;

/// Every row of the catalog that describes the tables, the types of their columns, or a trigger on
/// one of their partitions, with the transaction that wrote it. Every change of a table rewrites
/// such a row. Updates of statistics do not count, because Postgres writes them in place.
const READ: &str = "WITH RECURSIVE named AS (
        SELECT to_regclass(name)::oid AS oid FROM unnest($1::text[]) AS u (name)
    ), tree AS (
        SELECT oid FROM named
        UNION SELECT p.relid::oid FROM named, pg_partition_tree(named.oid::regclass) AS p
    ), types AS (
        SELECT atttypid AS oid FROM pg_attribute
        WHERE attrelid IN (SELECT oid FROM named) AND attnum > 0 AND NOT attisdropped
        UNION
        SELECT part FROM types JOIN pg_type t ON t.oid = types.oid,
            unnest(ARRAY[t.typbasetype, t.typelem]) AS part
        WHERE part <> 0
    ), described (what, of, by) AS (
        SELECT 'class', oid, xmin FROM pg_class WHERE oid IN (SELECT oid FROM tree)
        UNION ALL
        SELECT 'trigger', oid, xmin FROM pg_trigger WHERE tgrelid IN (SELECT oid FROM tree)
        UNION ALL
        SELECT 'column ' || attnum, attrelid, xmin FROM pg_attribute
        WHERE attrelid IN (SELECT oid FROM named) AND attnum > 0
        UNION ALL
        SELECT 'default', oid, xmin FROM pg_attrdef WHERE adrelid IN (SELECT oid FROM named)
        UNION ALL
        SELECT 'index', indexrelid, xmin FROM pg_index WHERE indrelid IN (SELECT oid FROM named)
        UNION ALL
        SELECT 'type', oid, xmin FROM pg_type
        WHERE oid IN (SELECT oid FROM types) AND typtype IN ('d', 'e')
        UNION ALL
        SELECT 'label', oid, xmin FROM pg_enum WHERE enumtypid IN (SELECT oid FROM types)
        UNION ALL
        SELECT 'domain rule', oid, xmin FROM pg_constraint
        WHERE contypid IN (SELECT oid FROM types) AND contypid <> 0
        UNION ALL
        SELECT 'policy', oid, xmin FROM pg_policy WHERE polrelid IN (SELECT oid FROM named)
        UNION ALL
        SELECT 'rule', oid, xmin FROM pg_rewrite WHERE ev_class IN (SELECT oid FROM named)
    )
    SELECT md5(coalesce(string_agg(concat(what, ' ', of, ' ', by), ',' ORDER BY what, of), ''))
    FROM described";

/// Reads a value that differs after every change of the tables in the catalog.
pub(crate) async fn read(
    connection: &mut PgConnection,
    table: &Table,
) -> Result<String, sqlx::Error> {
    let names = table.children.iter().map(|child| &child.name).chain([&table.name]);
    let names: Vec<_> = names.map(|name| quote_name(name)).collect();
    sqlx::query_scalar(READ).bind(names).fetch_one(connection).await
}

/// An SQL expression for one number, which changes with every type and default of these tables. The
/// writer compares it before an insert, because Postgres would silently convert a value to a
/// changed type.
pub(crate) fn shape<'a>(qualified: impl Iterator<Item = &'a String>) -> String {
    let tables = qualified.map(|name| format!("to_regclass('{}')", name.replace('\'', "''")));
    let tables = tables.collect::<Vec<_>>().join(", ");
    format!(
        "(SELECT coalesce(sum(part), 0)::bigint FROM (
             SELECT attrelid::bigint + xmin::text::bigint AS part FROM pg_attribute
             WHERE attrelid = ANY (ARRAY[{tables}]::oid[]) AND attnum > 0
             UNION ALL
             SELECT oid::bigint + xmin::text::bigint FROM pg_attrdef WHERE adrelid = ANY (ARRAY[{tables}]::oid[])
         ) AS parts)"
    )
}

pub(crate) async fn read_shape(
    connection: &mut PgConnection,
    qualified: &BTreeMap<String, String>,
) -> Result<i64, sqlx::Error> {
    let text = format!("SELECT {}", shape(qualified.values()));
    sqlx::query_scalar(AssertSqlSafe(text)).fetch_one(connection).await
}
