//! Reads the tables of a mapping from the catalog: names, columns, and where ids come from.

use std::collections::BTreeMap;

use l0_mapping::{Catalog, Table};
use l0_stage::Error;
use sqlx::postgres::PgConnection;
use sqlx::postgres::types::Oid;
use sqlx::{Error as SqlError, Row};

use super::columns::read_table;
use super::fingerprint;
use super::quote::{quote, quote_name};
use crate::link::sqlstate;

/// The tables of a mapping as the database describes them.
#[derive(Debug, PartialEq)]
pub(crate) struct Live {
    pub catalog: Catalog,
    /// The quoted name with its schema, by the name in the declaration.
    pub qualified: BTreeMap<String, String>,
    /// The types and defaults of all columns as one number. It was read before the rest of the
    /// catalog.
    pub shape: i64,
    /// How a new row of the parent table gets its id.
    pub ids: Ids,
    /// Whether a user's trigger may change what is inserted into the parent table.
    pub has_trigger: bool,
    /// Whether the role may read the identity of the server's data directory.
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
    /// The database gives it at the insert: by a user's default, or by a sequence that the role may
    /// not use.
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

/// Reads how a new row gets its id. The writer may draw the id from a sequence if the column's
/// default is the sequence's next number and nothing else.
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

/// Whether the role may call the functions that tell the identity of the data directory. Every role
/// may, unless an administrator revoked it.
async fn tells_identity(connection: &mut PgConnection) -> Result<bool, SqlError> {
    let functions = "SELECT has_function_privilege('pg_control_system()', 'EXECUTE')
                        AND has_function_privilege('pg_control_checkpoint()', 'EXECUTE')";
    sqlx::query_scalar(functions).fetch_one(connection).await
}

/// Whether an insert fires a user's trigger, on the table or a partition of it.
pub(super) async fn has_trigger(
    connection: &mut PgConnection,
    qualified: &str,
) -> Result<bool, SqlError> {
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

/// The oid of a table, and its quoted name with its schema.
pub(super) async fn find_table(
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
