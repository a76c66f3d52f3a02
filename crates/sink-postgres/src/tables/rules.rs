//! The rules of the live tables, and where the columns that they read get their values.

use std::collections::BTreeMap;

use l0_mapping::filled::{Fill, Filled};
use l0_mapping::{Column, Mapping, Metadata, ValueOf};

/// Where the value of a column comes from, as far as catalog and mapping tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Source {
    /// The value comes from the document.
    Document,
    /// The value is the id of the parent row.
    Parent,
    /// The value is the same for every row: a constant default, or NULL.
    Constant,
    /// The value comes from a sequence, a clock, or another default of the database.
    Environment,
    /// The value is an expression over other columns.
    Generated,
    /// The origin is not known: a BEFORE trigger may fill the column, or the value changes with
    /// each delivery.
    Unknown,
}

/// What the catalog says about the tables of a mapping, by their schema and name. Partitions have
/// their own rules and names.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rules {
    pub tables: BTreeMap<(String, String), Table>,
    /// Whether the role is subject to a policy of row-level security.
    pub has_policies: bool,
    /// Whether a sequence has passed the type of the column that it fills.
    pub is_sequence_used_up: bool,
}

/// A table or a partition.
#[derive(Debug, Clone, Default)]
pub(crate) struct Table {
    pub columns: BTreeMap<String, Source>,
    /// Mapped columns that the document left empty, or may have left empty.
    pub left_empty: Vec<String>,
    pub checks: BTreeMap<String, Check>,
    /// The columns of each foreign key, by its name.
    pub foreign_keys: BTreeMap<String, Vec<String>>,
    /// The columns of each unique or exclusion index, by its name.
    pub indexes: BTreeMap<String, Vec<String>>,
    pub partition_key: Vec<String>,
    /// The columns of each domain, by its schema and name. Domains whose rules call a function of the
    /// user's are not among them.
    pub domains: BTreeMap<(String, String), Vec<String>>,
    pub has_before_trigger: bool,
    /// Its index among the tables of the mapping: 0 is the parent, then come the children.
    pub place: usize,
}

/// A CHECK constraint.
#[derive(Debug, Clone, Default)]
pub(crate) struct Check {
    pub columns: Vec<String>,
    /// Whether it calls a function that does not belong to the server.
    pub calls_function: bool,
}

impl Rules {
    pub fn table(&self, schema: Option<&str>, name: Option<&str>) -> Option<&Table> {
        self.tables.get(&(schema?.to_owned(), name?.to_owned()))
    }

    /// The rules as they apply to one record, given which of its cells are empty. `None` means a
    /// batch, in which any cell may be empty.
    pub fn bearing_on(&self, mapping: &Mapping, record: Option<&[Fill]>) -> Self {
        let mut rules = self.clone();
        for table in rules.tables.values_mut() {
            let columns = match table.place {
                0 => &mapping.columns,
                place => &mapping.children[place - 1].columns,
            };
            let fills = record.map(|record| record[table.place].columns.as_slice());
            for (at, column) in columns.iter().enumerate() {
                let fill =
                    fills.and_then(|fills| fills.get(at)).copied().unwrap_or(Filled::Perhaps);
                if fill != Filled::Always {
                    table.left_empty.push(column.name.clone());
                }
                table.columns.insert(column.name.clone(), source(column, fill));
            }
        }
        rules
    }
}

impl Rules {
    /// Where the values of a domain come from, in all tables.
    pub fn sources_of_domain(&self, schema: Option<&str>, domain: &str) -> Vec<Source> {
        let Some(schema) = schema else { return Vec::new() };
        let domain = (schema.to_owned(), domain.to_owned());
        let of_table = |table: &Table| {
            table.domains.get(&domain).map(|columns| table.sources(columns)).unwrap_or_default()
        };
        self.tables.values().flat_map(of_table).collect()
    }
}

impl Table {
    pub fn source(&self, column: &str) -> Source {
        self.columns.get(column).copied().unwrap_or(Source::Unknown)
    }

    pub fn sources(&self, columns: &[String]) -> Vec<Source> {
        columns.iter().map(|column| self.source(column)).collect()
    }

    pub fn is_left_empty(&self, column: &str) -> bool {
        self.left_empty.iter().any(|name| name == column)
    }
}

/// Where the value of a mapped column comes from. An empty column counts as a value of the
/// document, unless the database fills it with a default.
fn source(column: &Column, fill: Filled) -> Source {
    let default = of_default(column.default.as_deref());
    match (&column.value, fill) {
        (ValueOf::Message(Metadata::Deliveries), _) => Source::Unknown,
        (_, Filled::Never) if default == Source::Environment => Source::Environment,
        _ => Source::Document,
    }
}

/// Where an unmapped column gets its value.
pub(crate) fn of_default(default: Option<&str>) -> Source {
    match default {
        None => Source::Constant,
        Some(default) if is_constant(default) => Source::Constant,
        Some(_) => Source::Environment,
    }
}

/// Whether a default is a literal, perhaps with casts, as `pg_get_expr` prints it.
fn is_constant(default: &str) -> bool {
    let (literal, casts) = match default.strip_prefix('\'') {
        Some(quoted) => match end_of_quote(quoted) {
            Some(end) => (true, &quoted[end..]),
            None => (false, ""),
        },
        None => {
            let (word, casts) = default.split_at(default.find("::").unwrap_or(default.len()));
            let is_number = word.trim_matches(['(', ')']).parse::<f64>().is_ok();
            (is_number || ["true", "false", "NULL"].contains(&word), casts)
        }
    };
    let of_type = |c: char| c.is_alphanumeric() || " _.,:\"()[]".contains(c);
    literal && (casts.is_empty() || casts.starts_with("::") && casts.chars().all(of_type))
}

/// The position after the closing quote. A doubled quote does not close.
fn end_of_quote(quoted: &str) -> Option<usize> {
    let mut from = 0;
    loop {
        let close = from + quoted[from..].find('\'')? + 1;
        if !quoted[close..].starts_with('\'') {
            return Some(close);
        }
        from = close + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_is_constant_when_it_is_a_literal() {
        for default in [
            "'new'::text",
            "'it''s'::text",
            "0",
            "'-1'::integer",
            "1.5",
            "true",
            "NULL::character varying",
            "'a'",
            "(-1)",
        ] {
            assert_eq!(of_default(Some(default)), Source::Constant, "{default}");
        }
        for default in [
            "now()",
            "nextval('s'::regclass)",
            "'a'::text || random()",
            "CURRENT_DATE",
            "lower('A'::text)",
        ] {
            assert_eq!(of_default(Some(default)), Source::Environment, "{default}");
        }
        assert_eq!(of_default(None), Source::Constant);
    }
}
