//! What is not learned from samples: a name, and the stages of the pipeline.

use std::collections::BTreeMap;

use l0_stage::template::TablesTemplate;

use crate::offer::Offer;

/// The chosen name and stages.
#[derive(Debug)]
pub struct Choice {
    /// The name of the pipeline and its files; an identifier.
    pub name: String,
    pub source: Offer,
    pub validator: Option<Offer>,
    pub sink: Offer,
    /// How the sink's tables are written.
    pub tables: TablesTemplate,
    pub query: Option<Offer>,
    /// Variables that become the defaults of the pipeline, instead of those of the templates.
    pub variables: BTreeMap<String, String>,
}

impl Choice {
    pub fn schema_file(&self) -> String {
        format!("schemas/{}.schema.json", self.name)
    }

    pub fn sample_file(&self) -> String {
        format!("schemas/{}.sample.json", self.name)
    }

    /// The titles of the stages, in the order of the flow.
    pub fn titles(&self) -> String {
        let Self { source, validator, sink, query, .. } = self;
        let stages = [Some(source), validator.as_ref(), Some(sink), query.as_ref()];
        let titles = stages.into_iter().flatten().map(|offer| offer.template.title);
        titles.collect::<Vec<_>>().join(" -> ")
    }

    /// The prefix of the database roles. Roles belong to the whole server, so each pipeline has its
    /// own. Postgres reserves names that begin with `pg_`.
    fn role(&self) -> String {
        match self.name.starts_with("pg_") {
            true => format!("l0_{}", self.name),
            false => self.name.clone(),
        }
    }

    /// A template with its names filled in.
    pub fn fill(&self, template: &str) -> String {
        let named = template.replace("{name}", &self.name).replace("{role}", &self.role());
        let named = named.replace("{STREAM}", &self.name.to_uppercase());
        let named = named.replace("{workers}", &self.tables.workers.to_string());
        self.variables.iter().fold(named, |text, (name, value)| preset(&text, name, value))
    }
}

/// Sets the default of a variable, in a configuration and in the example of its environment. A variable
/// without a default is a secret, and stays as it is.
fn preset(text: &str, name: &str, value: &str) -> String {
    let is_safe = |c: char| c.is_alphanumeric() || "-_./:,".contains(c);
    let (begin, line) = (format!("${{{name}:-"), format!("{name}="));
    if !value.chars().all(is_safe) {
        return text.to_owned();
    }
    let lines = text.split_inclusive('\n').map(|it| match it.find(&begin) {
        Some(at) => {
            let after = at + begin.len();
            let end = it[after..].find('}').map_or(it.len(), |end| after + end);
            format!("{}{value}{}", &it[..after], &it[end..])
        }
        None if it.starts_with(&line) && !name.contains("PASSWORD") => format!("{line}{value}\n"),
        None => it.to_owned(),
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_becomes_the_default_unless_it_is_a_secret() {
        let section = "path = \"${SQLITE_PATH:-x.db}\"   # a file\npassword = \"${PASSWORD:?}\"\n";
        let set = preset(&preset(section, "SQLITE_PATH", "/data/shop.db"), "PASSWORD", "p");
        assert_eq!(
            set,
            "path = \"${SQLITE_PATH:-/data/shop.db}\"   # a file\npassword = \"${PASSWORD:?}\"\n"
        );
        assert_eq!(preset("SQLITE_PATH=x.db\n", "SQLITE_PATH", "y.db"), "SQLITE_PATH=y.db\n");
        assert_eq!(preset("MY_PASSWORD=x\n", "MY_PASSWORD", "y"), "MY_PASSWORD=x\n");
        assert_eq!(preset("p = \"${A:-x}\"", "A", "\"\n"), "p = \"${A:-x}\"");
    }
}
