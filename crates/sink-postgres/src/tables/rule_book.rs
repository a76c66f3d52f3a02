//! Keeps the rules of the live tables for a moment.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use l0_mapping::Mapping;
use sqlx::postgres::PgConnection;
use tokio::sync::Mutex;

use super::read_rules;
use super::rules::Rules;

/// How long the rules are reused. The time is short, because a sequence may exceed the type of its
/// column at any moment.
const FRESH: Duration = Duration::from_millis(200);

/// The constraints, triggers and policies that the tables have in the database. They are read again
/// after the database has refused a document, and all writers share them.
pub(crate) struct RuleBook {
    known: Mutex<(Instant, Arc<Rules>)>,
    is_fixed: bool,
}

impl RuleBook {
    pub fn new(rules: Rules) -> Self {
        Self { known: Mutex::new((Instant::now(), Arc::new(rules))), is_fixed: false }
    }

    /// A rule book whose rules are never read again: for tables that exist within one transaction
    /// only.
    pub fn fixed(rules: Rules) -> Self {
        Self { is_fixed: true, ..Self::new(rules) }
    }

    /// Whether the rules cannot be read after a refusal, because the transaction has ended.
    pub fn is_fixed(&self) -> bool {
        self.is_fixed
    }

    pub async fn read(
        &self,
        connection: &mut PgConnection,
        mapping: &Mapping,
        qualified: &BTreeMap<String, String>,
    ) -> Result<Arc<Rules>, sqlx::Error> {
        let mut known = self.known.lock().await;
        if !self.is_fixed && known.0.elapsed() >= FRESH {
            let rules = read_rules::read(connection, mapping, qualified).await?;
            *known = (Instant::now(), Arc::new(rules));
        }
        Ok(known.1.clone())
    }
}
