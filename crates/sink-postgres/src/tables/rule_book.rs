use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use l0_mapping::Mapping;
use sqlx::postgres::PgConnection;
use tokio::sync::Mutex;

use super::read_rules;
use super::rules::Rules;

/// How long what was read is believed: a sequence may have passed its type a moment ago.
const FRESH: Duration = Duration::from_millis(200);

/// The rules of the live tables, read when something was refused and shared by all writers.
pub(crate) struct RuleBook {
    known: Mutex<(Instant, Arc<Rules>)>,
    is_fixed: bool,
}

impl RuleBook {
    pub fn new(rules: Rules) -> Self {
        Self { known: Mutex::new((Instant::now(), Arc::new(rules))), is_fixed: false }
    }

    /// One that is never read again: of tables that live within a transaction.
    pub fn fixed(rules: Rules) -> Self {
        Self { is_fixed: true, ..Self::new(rules) }
    }

    /// Whether nothing can be read after a refusal: the transaction is at its end.
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
