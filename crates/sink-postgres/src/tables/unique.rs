//! Reads from the catalog which columns of a table are unique together.

use std::collections::{BTreeMap, BTreeSet};

use l0_mapping::UniqueIndex;
use sqlx::Error as SqlError;
use sqlx::postgres::PgConnection;
use sqlx::postgres::types::Oid;

/// The unique indexes over plain columns and all rows whose constraint is not deferrable. An index
/// is loose if one of its types or collations treats different values as equal.
const READ: &str = "SELECT i.indexrelid::regclass::text,
        ARRAY(SELECT a.attname::text FROM pg_attribute a
              WHERE a.attrelid = i.indrelid
                AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1])),
        EXISTS (SELECT FROM unnest(i.indcollation::oid[]) AS u (oid)
                JOIN pg_collation c ON c.oid = u.oid WHERE NOT c.collisdeterministic)
        OR EXISTS (SELECT FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid
                   LEFT JOIN pg_type b ON b.oid = y.typbasetype
                   WHERE a.attrelid = i.indrelid
                     AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1])
                     AND coalesce(b.typname, y.typname) IN ('citext', 'bpchar'))
    FROM pg_index i
    WHERE i.indrelid = $1 AND i.indisunique AND i.indimmediate AND i.indisvalid
      AND i.indpred IS NULL AND i.indexprs IS NULL";

pub(super) async fn read(
    connection: &mut PgConnection,
    table: Oid,
) -> Result<BTreeMap<BTreeSet<String>, UniqueIndex>, SqlError> {
    let rows = sqlx::query_as::<_, (String, Vec<String>, bool)>(READ);
    let mut unique = BTreeMap::<BTreeSet<String>, UniqueIndex>::new();
    for (name, columns, is_loose) in rows.bind(table).fetch_all(connection).await? {
        let known = unique.entry(columns.into_iter().collect()).or_default();
        known.is_loose |= is_loose;
        known.name = name;
    }
    Ok(unique)
}
