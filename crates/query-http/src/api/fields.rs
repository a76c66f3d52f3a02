use std::sync::OnceLock;

use l0_stage::View;
use tracing::warn;

/// The fields by which documents can be found: those of `search` for which the sink has an index.
#[derive(Debug)]
pub(crate) struct Fields {
    configured: Vec<String>,
    known: OnceLock<Known>,
}

/// What is known once the sink is connected.
#[derive(Debug)]
pub(crate) struct Known {
    /// The key by which a person knows a document.
    pub key: Option<String>,
    /// The configured fields that the sink can look up.
    pub search: Vec<String>,
    /// The other configured fields.
    unindexed: Vec<String>,
}

/// What a parameter's name means.
pub(crate) enum Field {
    Searchable,
    /// It is configured, but the sink has no index for it.
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
                "documents cannot be found by this field of `search`: \
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

    /// The fields that can be searched, the key first.
    pub fn searchable(&self) -> impl Iterator<Item = &String> {
        let others = self.search.iter().filter(|field| Some(*field) != self.key.as_ref());
        self.key.iter().chain(others)
    }
}
