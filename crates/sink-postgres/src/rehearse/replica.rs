use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use l0_mapping::{Mapping, Table};
use l0_stage::{Error, Findings};
use sqlx::Row as _;
use sqlx::postgres::PgConnection;

use super::ask::{escaped, execute, fetch, refused};
use crate::tables::catalog::{self, Live};
use crate::tables::fit::below_table;
use crate::tables::generation::{Generation, Generations};
use crate::tables::quote::quote;
use crate::tables::read_rules;
use crate::tables::rule_book::RuleBook;

/// The number of the only generation.
pub(super) const GENERATION: u32 = 0;

/// Temporary copies of the tables, as the statements of a writer see them.
pub(super) struct Replica {
    pub tables: Arc<Generations>,
    /// The quoted name of each temporary table, by its name in the declaration.
    names: BTreeMap<String, String>,
}

impl Replica {
    /// Creates the copies within a transaction. They are dropped at its end.
    pub async fn make(
        connection: &mut PgConnection,
        table: &Table,
        live: &Live,
    ) -> Result<Self, Error> {
        let mut sequences = 0;
        let mut names = bare_names(live.qualified.keys());
        let renamed = renamed(table, &names);
        for (name, real) in &live.qualified {
            let Some(own) = names.get_mut(name) else { continue };
            let make = format!(
                "CREATE TEMPORARY TABLE {} (LIKE {real} INCLUDING ALL) ON COMMIT DROP",
                quote(own)
            );
            execute(connection, &make).await?;
            *own = format!("pg_temp.{}", quote(own));
            own_sequences(connection, own, &mut sequences).await?;
        }
        // Defaults are read again, because the statement contains them.
        let temporary = catalog::read(connection, &renamed).await?;
        let mapping = Mapping::new(&renamed, &temporary.catalog);
        let mapping =
            mapping.map_err(|findings| Error::mismatch(Findings(below_table(findings))))?;
        let rules = read_rules::read(connection, &mapping, &temporary.qualified).await;
        let rules = RuleBook::fixed(rules.map_err(refused)?);
        let generation = Generation::new(GENERATION, mapping, temporary, rules);
        Ok(Self { tables: Arc::new(Generations::fixed(renamed, generation)), names })
    }

    pub fn name<'a>(&'a self, table: &'a str) -> &'a str {
        self.names.get(table).map_or(table, String::as_str)
    }
}

/// Removes the schema from a name, so that it means the temporary table.
fn renamed(table: &Table, names: &BTreeMap<String, String>) -> Table {
    let own = |name: &String| names.get(name).unwrap_or(name).clone();
    let mut table = table.clone();
    table.name = own(&table.name);
    for child in &mut table.children {
        child.name = own(&child.name);
    }
    table
}

/// The names without their schemas. Tables that differ only in their schema get distinct names.
fn bare_names<'a>(names: impl Iterator<Item = &'a String>) -> BTreeMap<String, String> {
    let mut taken = BTreeSet::new();
    let own = |name: &'a String| {
        let mut own = name.rsplit('.').next().unwrap_or(name).to_owned();
        while !taken.insert(own.clone()) {
            own.push('_');
        }
        (name.clone(), own)
    };
    names.map(own).collect()
}

/// Gives the copies sequences of their own. A copied default draws from the real sequence, and no
/// rollback gives its numbers back. An identity column has its own sequence already.
async fn own_sequences(
    connection: &mut PgConnection,
    table: &str,
    sequences: &mut usize,
) -> Result<(), Error> {
    let defaults = format!(
        "SELECT a.attname::text, pg_get_expr(d.adbin, d.adrelid)
         FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
         WHERE d.adrelid = to_regclass('{}') AND a.attgenerated = ''",
        escaped(table)
    );
    for row in fetch(connection, defaults).await? {
        let (column, default): (String, String) =
            (row.try_get(0).map_err(refused)?, row.try_get(1).map_err(refused)?);
        let sequence = format!("l0_sequence_{sequences}");
        let Some(own) = with_sequence(&default, &format!("pg_temp.{sequence}")) else { continue };
        *sequences += 1;
        execute(connection, &format!("CREATE TEMPORARY SEQUENCE {sequence}")).await?;
        let column = quote(&column);
        let alter = format!("ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT {own}");
        execute(connection, &alter).await?;
    }
    Ok(())
}

/// The expression with this sequence in each `nextval(...)`. `None` if it has none.
fn with_sequence(default: &str, sequence: &str) -> Option<String> {
    const CALL: &str = "nextval(";
    let mut own = String::new();
    let mut rest = default;
    while let Some(at) = rest.find(CALL) {
        let (before, call) = rest.split_at(at + CALL.len());
        let end = closing(call)?;
        own.push_str(before);
        own.push_str(&format!("'{sequence}'::regclass"));
        rest = &call[end..];
    }
    (!own.is_empty()).then(|| own + rest)
}

/// The position of the parenthesis that closes the one at the beginning.
fn closing(call: &str) -> Option<usize> {
    let (mut depth, mut quote) = (1, None);
    for (at, byte) in call.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), _) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, b'\'' | b'"') => quote = Some(byte),
            (None, b'(') => depth += 1,
            (None, b')') => depth -= 1,
            (None, _) => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_that_only_their_schemas_tell_apart_get_names_of_their_own() {
        let names = ["items", "old.items", "old.orders"].map(str::to_owned);
        let own: Vec<_> = bare_names(names.iter()).into_values().collect();
        assert_eq!(own, ["items", "items_", "orders"]);
    }

    #[test]
    fn every_sequence_of_a_default_is_replaced_whatever_its_name() {
        for (default, own) in [
            ("nextval('orders_id_seq'::regclass)", Some("nextval('S'::regclass)")),
            ("nextval('\"a)('' b\"'::regclass)", Some("nextval('S'::regclass)")),
            (
                "('ORD-'::text || nextval(('n'::text)::regclass)) || nextval('m'::regclass)",
                Some("('ORD-'::text || nextval('S'::regclass)) || nextval('S'::regclass)"),
            ),
            ("now()", None),
            ("'nextval'::text", None),
        ] {
            assert_eq!(with_sequence(default, "S").as_deref(), own, "{default}");
        }
    }
}
