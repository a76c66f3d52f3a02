//! What tells the contents of our table from those of another database, or of the same one emptied.

use std::sync::Arc;

use l0_mapping::Mapping;
use l0_stage::Edition;
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::catalog::{Ids, Live, quote};

/// The qualified names of the documents' table and of the sequence of its ids; that one is empty
/// where the database gives ids in a way of its own.
pub(crate) fn relations(mapping: &Mapping, live: &Live) -> [String; 2] {
    let sequence = match &live.ids {
        Ids::Drawn { sequence, .. } => sequence.clone(),
        Ids::Given => String::new(),
    };
    [table(mapping, live), sequence]
}

fn table(mapping: &Mapping, live: &Live) -> String {
    let name = &mapping.table.name;
    live.qualified.get(name).unwrap_or(name).clone()
}

/// Reads identity and highest id. A TRUNCATE gives table, partitions and restarted sequence new
/// files. Each start of a server is another edition: the data directory may be a restored one.
///
/// Names are looked up at each call: tables that were dropped and made again have other oids.
pub(crate) fn statement(mapping: &Mapping, live: &Live) -> Arc<str> {
    let (table, id) = (table(mapping, live), quote(&mapping.table.id));
    format!(
        "SELECT concat_ws(' ',
             (SELECT system_identifier FROM pg_control_system()),
             (SELECT timeline_id FROM pg_control_checkpoint()),
             (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint,
             (SELECT oid FROM pg_database WHERE datname = current_database()),
             (SELECT string_agg(relid::oid || '/' || coalesce(pg_relation_filenode(relid), 0), ' '
                                ORDER BY relid::oid)
              FROM pg_partition_tree(to_regclass($1::text))),
             (SELECT s.oid || '/' || pg_relation_filenode(s.oid)
              FROM (SELECT to_regclass(nullif($2::text, ''))::oid AS oid) AS s)),
         coalesce(
             (SELECT CASE WHEN has_sequence_privilege(s.oid, 'USAGE, SELECT')
                          THEN pg_sequence_last_value(s.oid) END
              FROM (SELECT to_regclass(nullif($2::text, ''))::oid AS oid) AS s),
             (SELECT max({id}) FROM {table})::bigint,
             0)"
    )
    .into()
}

pub(crate) fn decode(row: &PgRow) -> Result<Edition, sqlx::Error> {
    Ok(Edition { identity: row.try_get(0)?, highest: row.try_get(1)? })
}
