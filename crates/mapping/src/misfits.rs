use std::collections::BTreeMap;

use l0_stage::Finding;

use crate::CatalogTable;

/// Collects everything that does not fit. All absent columns of one table become one finding,
/// because they usually have one cause: the name belongs to another table, or the columns have
/// other names.
#[derive(Default)]
pub(crate) struct Misfits {
    findings: Vec<Finding>,
    absent: BTreeMap<String, Absent>,
    unmapped: Vec<Unmapped>,
}

/// The mapped columns that a table does not have.
struct Absent {
    /// The index at which the finding is inserted among the other findings.
    at: usize,
    /// The key of the first absent column in the configuration.
    key: String,
    names: Vec<String>,
    /// The columns that the table has, for the help.
    others: String,
}

/// A column that needs a value but is not mapped.
struct Unmapped {
    at: usize,
    table: String,
    key: String,
    name: String,
}

impl Misfits {
    pub fn push(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    pub fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        self.findings.extend(findings);
    }

    /// Records that the column mapped at `key` does not exist.
    pub fn absent(&mut self, live: &CatalogTable, table: &str, name: &str, key: &str) {
        let others = || live.columns.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        let at = self.findings.len();
        let absent = self.absent.entry(table.to_owned()).or_insert_with(|| Absent {
            at,
            key: key.to_owned(),
            names: Vec::new(),
            others: others(),
        });
        absent.names.push(name.to_owned());
    }

    /// Records that a column is NOT NULL and gets no value.
    pub fn unmapped(&mut self, table: &str, name: &str, key: String) {
        let (at, table, name) = (self.findings.len(), table.to_owned(), name.to_owned());
        self.unmapped.push(Unmapped { at, table, key, name });
    }

    pub fn into_findings(self) -> Vec<Finding> {
        let Self { mut findings, absent, unmapped } = self;
        let absent_of = absent.iter().map(|(table, it)| {
            let unmapped = unmapped.iter().filter(|unmapped| unmapped.table == *table);
            let unmapped: Vec<_> = unmapped.map(|it| it.name.as_str()).collect();
            (it.at, it.finding(table, &unmapped))
        });
        let alone = unmapped.iter().filter(|it| !absent.contains_key(&it.table));
        let mut placed: Vec<_> = absent_of.chain(alone.map(|it| (it.at, it.finding()))).collect();
        placed.sort_by_key(|(at, _)| *at);
        for (at, finding) in placed.into_iter().rev() {
            findings.insert(at, finding);
        }
        findings
    }
}

impl Absent {
    /// The finding about absent columns. It also names columns that are NOT NULL but not mapped,
    /// because a renamed column causes both mistakes.
    fn finding(&self, table: &str, unmapped: &[&str]) -> Finding {
        let names: Vec<_> = self.names.iter().map(String::as_str).collect();
        let mut message = format!("{} not found in table `{table}`", columns(&names));
        match unmapped {
            [] => {}
            [_] => message
                .push_str(&format!(", whose {} is NOT NULL and not mapped", columns(unmapped))),
            _ => message
                .push_str(&format!(", whose {} are NOT NULL and not mapped", columns(unmapped))),
        }
        Finding::new(self.key.clone(), message).help(format!(
            "map to an existing column, or add the missing one to the table, which has the columns {}",
            self.others
        ))
    }
}

impl Unmapped {
    fn finding(&self) -> Finding {
        let Self { table, name, key, .. } = self;
        let message = format!("column `{table}.{name}` is NOT NULL and not mapped");
        let help = format!("map it: `{name} = \"/...\"`, or give it a default");
        Finding::new(key.clone(), message).help(help)
    }
}

/// The names as a message lists them: ``column `a` ``, or ``columns `a`, `b` ``.
fn columns(names: &[&str]) -> String {
    let plural = if names.len() == 1 { "" } else { "s" };
    format!("column{plural} `{}`", names.join("`, `"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(misfits: Misfits) -> Vec<String> {
        misfits
            .into_findings()
            .into_iter()
            .map(|it| format!("{}: {}", it.key, it.message))
            .collect()
    }

    #[test]
    fn columns_that_a_table_lacks_are_one_finding_in_the_place_of_the_first() {
        let (live, mut misfits) = (CatalogTable::default(), Misfits::default());
        misfits.push(Finding::new("before", "x"));
        misfits.absent(&live, "t", "a", "columns.a");
        misfits.push(Finding::new("after", "y"));
        misfits.unmapped("u", "c", "columns".to_owned());
        misfits.absent(&live, "t", "b", "columns.b");
        misfits.unmapped("t", "d", "columns".to_owned());
        assert_eq!(
            told(misfits),
            [
                "before: x",
                "columns.a: columns `a`, `b` not found in table `t`, whose column `d` is NOT NULL \
                 and not mapped",
                "after: y",
                "columns: column `u.c` is NOT NULL and not mapped",
            ]
        );
    }
}
