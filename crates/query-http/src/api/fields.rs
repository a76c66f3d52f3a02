use std::sync::OnceLock;

use l0_stage::View;
use tracing::warn;

/// The fields that documents are found by: those of `search` that the sink can look up.
#[derive(Debug)]
pub(crate) struct Fields {
    configured: Vec<String>,
    known: OnceLock<Known>,
}

/// What is known once the sink is connected.
#[derive(Debug)]
pub(crate) struct Known {
    /// What a person knows a document by.
    pub key: Option<String>,
    /// As configured, without those that cannot be looked up.
    pub search: Vec<String>,
    /// The others.
    unindexed: Vec<String>,
}

/// What a parameter's name means.
pub(crate) enum Field {
    Searchable,
    /// Configured, and nothing in the sink finds it.
    Unindexed,
    Unknown,
}

impl Fields {
    pub fn new(configured: Vec<String>) -> Self {
        Self { configured, known: OnceLock::new() }
    }

    /// `None` until the sink is connected.
    pub fn known(&self, view: &View) -> Option<&Known> {
        if let Some(known) = self.known.get() {
            return Some(known);
        }
        let reader = view.reader()?;
        Some(self.known.get_or_init(|| self.compare(reader.fields())))
    }

    fn compare(&self, indexed: &[String]) -> Known {
        let (search, unindexed): (Vec<_>, Vec<_>) =
            self.configured.iter().cloned().partition(|field| indexed.contains(field));
        for field in &unindexed {
            warn!(
                field,
                "documents are not found by this field of `search`: \
                 the sink has no index that begins with it"
            );
        }
        Known { key: indexed.first().cloned(), search, unindexed }
    }
}

impl Known {
    pub fn field(&self, name: &str) -> Field {
        let is_name = |field: &String| field == name;
        if self.searchable().any(is_name) {
            Field::Searchable
        } else if self.unindexed.iter().any(is_name) {
            Field::Unindexed
        } else {
            Field::Unknown
        }
    }

    /// The key first.
    pub fn searchable(&self) -> impl Iterator<Item = &String> {
        let others = self.search.iter().filter(|field| Some(*field) != self.key.as_ref());
        self.key.iter().chain(others)
    }
}
