//! Distinguishes the contents of our table from those of another database, or of the same one
//! after it was emptied.

use std::sync::Arc;

use l0_mapping::Mapping;
use l0_stage::stored::Edition;
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::tables::catalog::{Ids, Live};
use crate::tables::quote::quote;

/// The statement that reads the identity of the table's contents and its highest id.
#[derive(Debug)]
pub(crate) struct EditionStatement {
    pub text: Arc<str>,
    /// `$1`: the qualified name of the documents' table.
    pub table: String,
    /// `$2`: the qualified name of the sequence of its ids. Empty if the database gives ids in
    /// another way.
    pub sequence: String,
}

impl EditionStatement {
    pub fn new(mapping: &Mapping, table: &str, live: &Live) -> Self {
        let sequence = match &live.ids {
            Ids::Drawn { sequence, .. } => sequence.clone(),
            Ids::Given => String::new(),
        };
        let cluster = if live.tells_identity { CLUSTER } else { "NULL" };
        let text = text(cluster, &quote(&mapping.table.id), table);
        Self { text: text.into(), table: table.into(), sequence }
    }
}

/// The identity of the data directory, and how often a standby of it was promoted.
const CLUSTER: &str = "(SELECT system_identifier FROM pg_control_system()),
             (SELECT timeline_id FROM pg_control_checkpoint())";

/// A TRUNCATE gives new files to the table, its partitions and a restarted sequence. Each start of
/// a server is another edition, because the data directory may have been restored.
///
/// Names are looked up at each call, because a table that was dropped and created again has another
/// oid.
fn text(cluster: &str, id: &str, table: &str) -> String {
    format!(
        "SELECT concat_ws(' ',
             {cluster},
             (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint,
             (SELECT oid FROM pg_database WHERE datname = current_database()),
             (SELECT string_agg(oid || '/' || coalesce(pg_relation_filenode(oid), 0), ' ' ORDER BY oid)
              FROM (SELECT to_regclass($1::text)::oid AS oid
                    UNION SELECT relid::oid FROM pg_partition_tree(to_regclass($1::text))) AS tree),
             (SELECT s.oid || '/' || pg_relation_filenode(s.oid)
              FROM (SELECT to_regclass(nullif($2::text, ''))::oid AS oid) AS s)),
         coalesce(
             (SELECT CASE WHEN has_sequence_privilege(s.oid, 'USAGE, SELECT')
                          THEN pg_sequence_last_value(s.oid) END
              FROM (SELECT to_regclass(nullif($2::text, ''))::oid AS oid) AS s),
             (SELECT max({id}) FROM {table})::bigint,
             0)"
    )
}

pub(crate) fn decode(row: &PgRow) -> Result<Edition, sqlx::Error> {
    Ok(Edition { identity: row.try_get(0)?, highest: row.try_get(1)? })
}
