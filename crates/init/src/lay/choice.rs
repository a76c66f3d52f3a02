//! What is not learned from samples: a name, and the stages of the pipeline.

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
        named.replace("{workers}", &self.tables.workers.to_string())
    }
}
