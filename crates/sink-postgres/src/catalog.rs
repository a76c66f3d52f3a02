use std::collections::{BTreeMap, BTreeSet};

use l0_mapping::{Catalog, CatalogColumn, CatalogTable, ColumnType, Table};
use l0_stage::Error;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{Error as SqlError, Row};

use crate::{fingerprint, sqlstate};

/// What the database says about the tables of a mapping.
#[derive(Debug, PartialEq)]
pub(crate) struct Live {
    pub catalog: Catalog,
    /// Name in the declaration → quoted name with its schema.
    pub qualified: BTreeMap<String, String>,
    /// Types and defaults as one number, read before all else.
    pub shape: i64,
    /// How a new row of the parent table gets its id.
    pub ids: Ids,
    /// Whether a trigger of the user's may change what is inserted into the parent table.
    pub has_trigger: bool,
    /// Whether the role may read what tells this server's data from another's.
    pub tells_identity: bool,
}

/// How a new row gets its id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Ids {
    /// The writer draws it from the sequence that feeds the column.
    Drawn {
        /// The sequence as SQL reads it.
        sequence: String,
        /// The largest id that the column can hold.
        most: i64,
    },
    /// The database gives it at the insert: a default of the user's own, or a sequence that the role
    /// may not use.
    #[default]
    Given,
}

/// Reads the catalog as the role that will write.
pub(crate) async fn read(connection: &mut PgConnection, table: &Table) -> Result<Live, Error> {
    read_all(connection, table).await.map_err(|error| {
        let doing = "cannot read the catalog of postgres";
        sqlstate::classify(error, doing).error
    })
}

async fn read_all(connection: &mut PgConnection, table: &Table) -> Result<Live, SqlError> {
    let names: Vec<_> =
        table.children.iter().map(|child| &child.name).chain([&table.name]).collect();
    let mut found = Vec::new();
    for name in names {
        found.extend(find_table(connection, name).await?.map(|found| (name, found)));
    }
    let qualified = found.iter().map(|(name, (_, qualified))| ((*name).clone(), qualified.clone()));
    let qualified: BTreeMap<_, _> = qualified.collect();
    let mut live = Live {
        catalog: Catalog::default(),
        shape: fingerprint::read_shape(connection, &qualified).await?,
        qualified,
        ids: Ids::default(),
        has_trigger: false,
        tells_identity: tells_identity(connection).await?,
    };
    for (name, (oid, _)) in found {
        live.catalog.0.insert(name.clone(), read_table(connection, oid).await?);
    }
    if let Some(qualified) = live.qualified.get(&table.name) {
        live.ids = read_ids(connection, qualified, &table.id).await?;
        live.has_trigger = has_trigger(connection, qualified).await?;
    }
    Ok(live)
}

/// The sequence is the writer's to draw from if nothing but its next number is the id.
async fn read_ids(
    connection: &mut PgConnection,
    qualified: &str,
    id: &str,
) -> Result<Ids, SqlError> {
    let feeding = sqlx::query_as::<_, (String, i64)>(
        "SELECT s.oid::regclass::text,
                CASE a.atttypid WHEN 'int2'::regtype THEN 32767
                                WHEN 'int4'::regtype THEN 2147483647
                                ELSE 9223372036854775807 END
         FROM pg_attribute a
         LEFT JOIN pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
         JOIN pg_depend d ON
             d.classid = 'pg_class'::regclass AND d.deptype = 'i' AND a.attidentity <> ''
                 AND d.refclassid = 'pg_class'::regclass
                 AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum
             OR d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid
                 AND d.refclassid = 'pg_class'::regclass
                 AND pg_get_expr(f.adbin, f.adrelid) ~ '^nextval\\(''[^()]*''::regclass\\)$'
         JOIN pg_class s ON s.relkind = 'S'
             AND s.oid = CASE d.classid WHEN 'pg_class'::regclass THEN d.objid ELSE d.refobjid END
         WHERE a.attrelid = to_regclass($1) AND a.attname = $2
           AND CASE WHEN s.relkind = 'S' THEN has_sequence_privilege(s.oid, 'USAGE') END",
    );
    let feeding = feeding.bind(qualified).bind(id).fetch_optional(connection).await?;
    Ok(feeding.map_or(Ids::Given, |(sequence, most)| Ids::Drawn { sequence, most }))
}

/// Everybody may, unless an administrator revoked it.
async fn tells_identity(connection: &mut PgConnection) -> Result<bool, SqlError> {
    let functions = "SELECT has_function_privilege('pg_control_system()', 'EXECUTE')
                        AND has_function_privilege('pg_control_checkpoint()', 'EXECUTE')";
    sqlx::query_scalar(functions).fetch_one(connection).await
}

/// Triggers of the user's that an insert fires, on the table or a partition of it.
async fn has_trigger(connection: &mut PgConnection, qualified: &str) -> Result<bool, SqlError> {
    const INSERT: i16 = 4;
    let trigger = sqlx::query_scalar::<_, bool>(
        "SELECT EXISTS (
             SELECT FROM pg_trigger t
             WHERE (t.tgrelid = to_regclass($1)
                    OR t.tgrelid IN (SELECT relid FROM pg_partition_tree(to_regclass($1))))
               AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND t.tgtype & $2 <> 0)",
    );
    trigger.bind(qualified).bind(INSERT).fetch_one(connection).await
}

/// Its oid, and its quoted name with its schema.
async fn find_table(
    connection: &mut PgConnection,
    name: &str,
) -> Result<Option<(Oid, String)>, SqlError> {
    let table = sqlx::query(
        "SELECT c.oid, n.nspname::text AS schema, c.relname::text AS name
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE c.oid = to_regclass($1)",
    );
    let Some(table) = table.bind(quote_name(name)).fetch_optional(connection).await? else {
        return Ok(None);
    };
    let schema: String = table.try_get("schema")?;
    let qualified = format!("{}.{}", quote(&schema), quote(table.try_get("name")?));
    Ok(Some((table.try_get("oid")?, qualified)))
}

async fn read_table(connection: &mut PgConnection, oid: Oid) -> Result<CatalogTable, SqlError> {
    Ok(CatalogTable {
        columns: read_columns(connection, oid).await?,
        unique: read_unique(connection, oid).await?,
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

/// Columns that a unique index covers alone, at once, wholly and for every row.
async fn read_unique(
    connection: &mut PgConnection,
    table: Oid,
) -> Result<BTreeSet<String>, SqlError> {
    let rows = sqlx::query_scalar::<_, String>(
        "SELECT a.attname::text
         FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
         WHERE i.indrelid = $1 AND i.indisunique AND i.indimmediate AND i.indisvalid
           AND i.indnkeyatts = 1 AND i.indpred IS NULL AND i.indexprs IS NULL",
    );
    Ok(rows.bind(table).fetch_all(connection).await?.into_iter().collect())
}

/// Columns that a usable index of all rows begins with, in the order that the column itself has.
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

/// The layout of the modifiers: `numerictypmodin` and `varchartypmodin` in Postgres.
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

/// `name` or `schema.name` of a declaration as SQL reads it.
pub(crate) fn quote_name(name: &str) -> String {
    name.split('.').map(quote).collect::<Vec<_>>().join(".")
}

/// An identifier as SQL reads it, whatever is in it.
pub(crate) fn quote(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
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
