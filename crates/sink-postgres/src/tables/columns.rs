//! Reads from the catalog the columns of one table, and the indexes that matter to a mapping.

use std::collections::BTreeMap;

use l0_mapping::{CatalogColumn, CatalogTable, ColumnType};
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{Error as SqlError, Row};

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
    let rows = sqlx::query(
        "SELECT a.attname::text AS name,
                format_type(a.atttypid, NULL) AS base,
                format_type(a.atttypid, a.atttypmod) AS declared,
                a.atttypmod AS modifier,
                a.attnotnull AS not_null,
                a.attidentity <> '' OR a.attgenerated <> '' AS generated,
                a.attidentity = 'a' OR a.attgenerated <> '' AS always,
                pg_get_expr(d.adbin, d.adrelid) AS default_expression,
                has_column_privilege(a.attrelid, a.attnum, 'INSERT') AS insertable,
                has_column_privilege(a.attrelid, a.attnum, 'SELECT') AS selectable,
                coalesce(c.collisdeterministic, true) AS deterministic
         FROM pg_attribute a
         LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
         LEFT JOIN pg_collation c ON c.oid = a.attcollation
         WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped",
    );
    let rows = rows.bind(table).fetch_all(connection).await?;
    rows.iter().map(|row| Ok((row.try_get("name")?, read_column(row)?))).collect()
}

fn read_column(row: &PgRow) -> Result<CatalogColumn, SqlError> {
    let base: String = row.try_get("base")?;
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
    Ok(CatalogColumn {
        column_type: column_type(&base, row.try_get("modifier")?),
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

/// The layout of the type modifier: `numerictypmodin` and `varchartypmodin` in Postgres.
fn column_type(base: &str, modifier: i32) -> Option<ColumnType> {
    const HEADER: i32 = 4;
    let limited = modifier >= HEADER;
    Some(match base {
        "smallint" => ColumnType::SmallInt,
        "integer" => ColumnType::Int,
        "bigint" => ColumnType::BigInt,
        "numeric" => {
            let bits = modifier - HEADER;
            let scale = ((bits & 0x7ff) ^ 1024) - 1024;
            ColumnType::Numeric { limit: limited.then_some(((bits >> 16) & 0xffff, scale)) }
        }
        "real" => ColumnType::Real,
        "double precision" => ColumnType::Double,
        "text" => ColumnType::Text { max: None },
        "character varying" => {
            let max = usize::try_from(modifier - HEADER).ok().filter(|_| limited);
            ColumnType::Text { max }
        }
        "timestamp with time zone" => ColumnType::Timestamp,
        "date" => ColumnType::Date,
        "boolean" => ColumnType::Boolean,
        "uuid" => ColumnType::Uuid,
        "json" => ColumnType::Json,
        "jsonb" => ColumnType::Jsonb,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modifiers_are_read_as_postgres_packs_them() {
        let numeric = |precision: i32, scale: i32| ((precision << 16) | (scale & 0x7ff)) + 4;
        let limit = |modifier| column_type("numeric", modifier);
        assert_eq!(limit(-1), Some(ColumnType::Numeric { limit: None }));
        assert_eq!(limit(numeric(10, 2)), Some(ColumnType::Numeric { limit: Some((10, 2)) }));
        assert_eq!(limit(numeric(3, -2)), Some(ColumnType::Numeric { limit: Some((3, -2)) }));
        let varchar = column_type("character varying", 24);
        assert_eq!(varchar, Some(ColumnType::Text { max: Some(20) }));
    }
}
