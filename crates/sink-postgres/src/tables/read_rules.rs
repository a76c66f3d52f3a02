//! Reads the rules of the live tables.

use std::collections::BTreeMap;

use l0_mapping::Mapping;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{Error as SqlError, Row};

use super::rules::{Check, Rules, Source, Table, of_default};

/// Reads the rules of the live tables as the role that writes. `qualified` has the quoted name of
/// each table of the mapping.
pub(crate) async fn read(
    connection: &mut PgConnection,
    mapping: &Mapping,
    qualified: &BTreeMap<String, String>,
) -> Result<Rules, SqlError> {
    let children = mapping.children.iter().map(|child| &child.name);
    let names = [&mapping.table.name].into_iter().chain(children);
    let names: Vec<String> = names.filter_map(|name| qualified.get(name).cloned()).collect();
    let mut rules = Rules::default();
    let mut found = Found::default();
    for row in tables(connection, &names).await? {
        rules.has_policies |= row.try_get::<bool, _>("policies")?;
        found.add(&row)?;
    }
    let oids: Vec<Oid> = found.0.keys().copied().map(Oid).collect();
    for row in columns(connection, &oids).await? {
        rules.is_sequence_used_up |= row.try_get::<bool, _>("used_up")?;
        found.of(&row)?.add_column(&row)?;
    }
    for row in constraints(connection, &oids).await? {
        found.of(&row)?.add_constraint(&row)?;
    }
    for row in indexes(connection, &oids).await? {
        let (name, columns) = (row.try_get("name")?, row.try_get("columns")?);
        found.of(&row)?.indexes.insert(name, columns);
    }
    for row in domains(connection, &oids).await? {
        let (domain, column) =
            ((row.try_get("schema")?, row.try_get("domain")?), row.try_get("name")?);
        found.of(&row)?.domains.entry(domain).or_default().push(column);
    }
    rules.tables = found.0.into_values().collect();
    own_columns(&mut rules, mapping);
    Ok(rules)
}

/// The tables by their object id, each with its schema and name.
#[derive(Default)]
struct Found(BTreeMap<u32, ((String, String), Table)>);

impl Found {
    fn add(&mut self, row: &PgRow) -> Result<(), SqlError> {
        let oid: Oid = row.try_get("oid")?;
        let table = Table {
            place: usize::try_from(row.try_get::<i64, _>("place")? - 1).unwrap_or_default(),
            has_before_trigger: row.try_get("before_trigger")?,
            partition_key: row.try_get("partition_key")?,
            ..Table::default()
        };
        self.0.insert(oid.0, ((row.try_get("schema")?, row.try_get("name")?), table));
        Ok(())
    }

    /// The table that a row describes.
    fn of(&mut self, row: &PgRow) -> Result<&mut Table, SqlError> {
        let oid: Oid = row.try_get("oid")?;
        let table = self.0.get_mut(&oid.0).map(|(_, table)| table);
        table.ok_or(SqlError::RowNotFound)
    }
}

impl Table {
    fn add_column(&mut self, row: &PgRow) -> Result<(), SqlError> {
        let source = column(row, self.has_before_trigger)?;
        self.columns.insert(row.try_get("name")?, source);
        Ok(())
    }

    fn add_constraint(&mut self, row: &PgRow) -> Result<(), SqlError> {
        let (name, columns) = (row.try_get("name")?, row.try_get("columns")?);
        if row.try_get("is_check")? {
            let calls_function = row.try_get("calls_function")?;
            self.checks.insert(name, Check { columns, calls_function });
        } else {
            self.foreign_keys.insert(name, columns);
        }
        Ok(())
    }
}

/// Adds the columns that the writer itself fills.
fn own_columns(rules: &mut Rules, mapping: &Mapping) {
    for table in rules.tables.values_mut() {
        match table.place {
            0 => {
                table.columns.insert(mapping.table.id.clone(), Source::Environment);
                let document = mapping.table.document.iter().cloned();
                table.columns.extend(document.map(|column| (column, Source::Document)));
            }
            place => {
                let parent = mapping.children[place - 1].parent.clone();
                table.columns.insert(parent, Source::Parent);
            }
        }
    }
}

fn column(row: &PgRow, has_before_trigger: bool) -> Result<Source, SqlError> {
    let default: Option<String> = row.try_get("default_expression")?;
    Ok(match (row.try_get::<bool, _>("generated")?, row.try_get::<bool, _>("identity")?) {
        (true, _) => Source::Generated,
        (_, true) => Source::Environment,
        _ => match of_default(default.as_deref()) {
            Source::Constant if has_before_trigger => Source::Unknown,
            source => source,
        },
    })
}

/// The tables and all their partitions.
async fn tables(connection: &mut PgConnection, names: &[String]) -> Result<Vec<PgRow>, SqlError> {
    let text = "WITH root AS (
             SELECT to_regclass(name)::oid AS oid, place
             FROM unnest($1::text[]) WITH ORDINALITY AS u(name, place)
         ), tree AS (
             SELECT oid, place FROM root
             UNION SELECT p.relid::oid, place FROM root, pg_partition_tree(root.oid::regclass) p
         )
         SELECT c.oid, n.nspname::text AS schema, c.relname::text AS name, min(tree.place) AS place,
                row_security_active(c.oid) AS policies,
                EXISTS (SELECT FROM pg_trigger t
                        WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')
                          AND t.tgtype & 7 = 7) AS before_trigger,
                ARRAY(SELECT DISTINCT a.attname::text FROM pg_partitioned_table p
                      JOIN pg_attribute a ON a.attrelid = p.partrelid AND a.attnum > 0
                      WHERE p.partrelid = c.oid AND (
                          a.attnum = ANY (p.partattrs::int2[])
                          OR a.attname::text = ANY (regexp_split_to_array(
                              pg_get_expr(p.partexprs, p.partrelid), '[^[:alnum:]_]+')))
                ) AS partition_key
         FROM tree JOIN pg_class c ON c.oid = tree.oid JOIN pg_namespace n ON n.oid = c.relnamespace
         GROUP BY c.oid, n.nspname, c.relname";
    sqlx::query(text).bind(names).fetch_all(connection).await
}

/// The columns with their defaults, and whether their sequence has passed their type.
async fn columns(connection: &mut PgConnection, oids: &[Oid]) -> Result<Vec<PgRow>, SqlError> {
    let text = "SELECT a.attrelid AS oid, a.attname::text AS name,
                a.attgenerated <> '' AS generated, a.attidentity <> '' AS identity,
                pg_get_expr(d.adbin, d.adrelid) AS default_expression,
                EXISTS (SELECT FROM pg_depend u JOIN pg_sequence s ON s.seqrelid = u.refobjid
                        WHERE u.classid = 'pg_attrdef'::regclass AND u.objid = d.oid
                          AND u.refclassid = 'pg_class'::regclass
                          AND CASE WHEN has_sequence_privilege(s.seqrelid, 'USAGE')
                              THEN pg_sequence_last_value(s.seqrelid) END >= CASE a.atttypid
                              WHEN 'int2'::regtype THEN 32767
                              WHEN 'int4'::regtype THEN 2147483647 END) AS used_up
         FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
         WHERE a.attrelid = ANY ($1) AND a.attnum > 0 AND NOT a.attisdropped";
    sqlx::query(text).bind(oids).fetch_all(connection).await
}

/// The columns of each domain, including domains on which other domains are based. Domains whose
/// rules call a user's function are left out, because the outcome of such a function is not known.
async fn domains(connection: &mut PgConnection, oids: &[Oid]) -> Result<Vec<PgRow>, SqlError> {
    let text = "SELECT a.attrelid AS oid, a.attname::text AS name, n.nspname::text AS schema,
                t.typname::text AS domain
         FROM pg_attribute a, LATERAL (
             WITH RECURSIVE chain (oid) AS (
                 SELECT a.atttypid
                 UNION ALL
                 SELECT b.typbasetype FROM chain JOIN pg_type b ON b.oid = chain.oid
                 WHERE b.typtype = 'd'
             )
             SELECT oid FROM chain
         ) AS chain
         JOIN pg_type t ON t.oid = chain.oid AND t.typtype = 'd'
         JOIN pg_namespace n ON n.oid = t.typnamespace
         WHERE a.attrelid = ANY ($1) AND a.attnum > 0 AND NOT a.attisdropped
           AND NOT EXISTS (
               SELECT FROM pg_constraint c JOIN pg_depend d ON d.objid = c.oid
               WHERE c.contypid = t.oid AND d.classid = 'pg_constraint'::regclass
                 AND d.refclassid = 'pg_proc'::regclass)";
    sqlx::query(text).bind(oids).fetch_all(connection).await
}

/// The CHECKs and foreign keys with the columns that they read.
async fn constraints(connection: &mut PgConnection, oids: &[Oid]) -> Result<Vec<PgRow>, SqlError> {
    let text = "SELECT c.conrelid AS oid, c.conname::text AS name, c.contype = 'c' AS is_check,
                ARRAY(SELECT a.attname::text FROM pg_attribute a
                      WHERE a.attrelid = c.conrelid AND a.attnum > 0 AND NOT a.attisdropped
                        AND (a.attnum = ANY (c.conkey)
                             -- A rule that reads its whole row names no column.
                             OR c.contype = 'c' AND coalesce(array_length(c.conkey, 1), 0) = 0
                                AND EXISTS (SELECT FROM pg_depend d
                                    WHERE d.classid = 'pg_constraint'::regclass AND d.objid = c.oid
                                      AND d.refclassid = 'pg_class'::regclass
                                      AND d.refobjid = c.conrelid AND d.deptype = 'n'))) AS columns,
                EXISTS (SELECT FROM pg_depend d
                        WHERE d.classid = 'pg_constraint'::regclass AND d.objid = c.oid
                          AND d.refclassid = 'pg_proc'::regclass) AS calls_function
         FROM pg_constraint c WHERE c.conrelid = ANY ($1) AND c.contype IN ('c', 'f')";
    sqlx::query(text).bind(oids).fetch_all(connection).await
}

/// The indexes with all columns that their keys, expressions and predicates read. Columns that an
/// index merely includes are left out.
async fn indexes(connection: &mut PgConnection, oids: &[Oid]) -> Result<Vec<PgRow>, SqlError> {
    let text = "SELECT i.indrelid AS oid, x.relname::text AS name,
                ARRAY(SELECT a.attname::text FROM pg_attribute a
                      WHERE a.attrelid = i.indrelid AND a.attnum > 0 AND (
                          a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1])
                          OR NOT a.attnum = ANY (i.indkey::int2[]) AND EXISTS (
                              SELECT FROM pg_depend d
                              WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
                                AND d.refclassid = 'pg_class'::regclass
                                AND d.refobjid = i.indrelid AND d.refobjsubid = a.attnum))
                ) AS columns
         FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid WHERE i.indrelid = ANY ($1)";
    sqlx::query(text).bind(oids).fetch_all(connection).await
}
