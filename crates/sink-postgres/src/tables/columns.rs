//! Reads from the catalog the columns of one table, and the indexes that matter to a mapping.

use std::collections::BTreeMap;

use l0_mapping::{CatalogColumn, CatalogTable};
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Error as SqlError, Row};

use super::types;

use super::unique;

pub(super) async fn read_table(
    connection: &mut PgConnection,
    oid: Oid,
) -> Result<CatalogTable, SqlError> {
    Ok(CatalogTable {
        columns: read_columns(connection, oid).await?,
        unique: unique::read(connection, oid).await?,
        indexed: read_indexed(connection, oid).await?,
    })
}

async fn read_columns(
    connection: &mut PgConnection,
    table: Oid,
) -> Result<BTreeMap<String, CatalogColumn>, SqlError> {
    let text = format!(
        "SELECT a.attname::text AS name,
                {},
                format_type(a.atttypid, a.atttypmod) AS declared,
                a.attnotnull OR base.is_not_null AS not_null,
                a.attidentity <> '' OR a.attgenerated <> '' AS generated,
                a.attidentity = 'a' OR a.attgenerated <> '' AS always,
                coalesce(pg_get_expr(d.adbin, d.adrelid), pg_get_expr(own.typdefaultbin, 0))
                    AS default_expression,
                has_column_privilege(a.attrelid, a.attnum, 'INSERT') AS insertable,
                has_column_privilege(a.attrelid, a.attnum, 'SELECT') AS selectable,
                coalesce(c.collisdeterministic, true)
                    AND base.typname NOT IN ('citext', 'bpchar') AS deterministic
         FROM pg_attribute a
         LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
         LEFT JOIN pg_collation c ON c.oid = a.attcollation
         LEFT JOIN pg_type own ON own.oid = a.atttypid AND own.typtype = 'd'
         {}
         WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped",
        types::COLUMNS,
        types::joined(),
    );
    let rows = sqlx::query(AssertSqlSafe(text)).bind(table).fetch_all(connection).await?;
    rows.iter().map(|row| Ok((row.try_get("name")?, read_column(row)?))).collect()
}

fn read_column(row: &PgRow) -> Result<CatalogColumn, SqlError> {
    let generated: bool = row.try_get("generated")?;
    let default: Option<String> = row.try_get("default_expression")?;
    let always: bool = row.try_get("always")?;
    let not_null: bool = row.try_get("not_null")?;
    let (insertable, selectable) = (row.try_get("insertable")?, row.try_get("selectable")?);
    let missing_privilege = match (insertable, selectable) {
        (false, _) => Some("INSERT"),
        (true, false) => Some("SELECT"),
        (true, true) => None,
    };
    let (column_type, detail) = types::decode(row)?;
    Ok(CatalogColumn {
        column_type,
        detail,
        declared: row.try_get("declared")?,
        generated_always: always,
        nullable: !not_null,
        required: not_null && default.is_none() && !generated,
        default: default.filter(|_| !generated),
        missing_privilege,
        deterministic: row.try_get("deterministic")?,
    })
}

/// Columns that a usable index of all rows begins with, in the column's own sort order.
async fn read_indexed(
    connection: &mut PgConnection,
    table: Oid,
) -> Result<BTreeMap<String, String>, SqlError> {
    let rows = sqlx::query_as::<_, (String, String)>(
        "SELECT a.attname::text, i.indexrelid::regclass::text
         FROM pg_index i
         JOIN pg_class c ON c.oid = i.indexrelid
         JOIN pg_am m ON m.oid = c.relam AND m.amname = 'btree'
         JOIN pg_opclass o ON o.oid = i.indclass[0] AND o.opcdefault
         JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
         WHERE i.indrelid = $1 AND i.indisvalid AND i.indisready
           AND i.indpred IS NULL AND i.indcollation[0] = a.attcollation",
    );
    Ok(rows.bind(table).fetch_all(connection).await?.into_iter().collect())
}
