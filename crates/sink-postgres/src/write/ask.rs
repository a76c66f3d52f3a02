//! Runs a statement on the writer's connection, and decides whose fault a refusal is.

use std::sync::Arc;

use l0_mapping::Fault;
use l0_stage::anyhow::anyhow;
use l0_stage::{Error, Reason, Record, Refusal, Rejection, Why};
use sqlx::postgres::{PgArguments, PgConnection, PgRow};
use sqlx::query::Query;
use sqlx::{Postgres, Row as _};
use tokio::time::timeout;

use super::blame::blame;
use super::connection::{CLIENT_TIMEOUT, PostgresWriter, WRITING};
use super::row::fills;
use crate::link::holder;
use crate::link::refusal::Answer;
use crate::link::said;
use crate::link::sqlstate::{self, Action, Failure};
use crate::tables::generation::Generation;
use crate::tables::rules::Rules;

/// Why a statement returned no rows.
pub(super) enum Failed {
    /// The server refused the statement, and it is not decided yet whose fault that is. The
    /// server's error is kept for logs.
    Refused(Answer, sqlx::Error),
    Error(Error),
}

impl Failed {
    /// The error, if the statement writes no document.
    pub fn unblamed(self, doing: &str) -> Error {
        match self {
            Self::Refused(_, error) => sqlstate::classify(error, doing).error,
            Self::Error(error) => error,
        }
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl PostgresWriter {
    pub(super) async fn ask(
        &mut self,
        query: Query<'_, Postgres, PgArguments>,
        doing: &str,
    ) -> Result<Vec<PgRow>, Failed> {
        let mut connection = self.connected().await?;
        let error = match timeout(CLIENT_TIMEOUT, query.fetch_all(&mut connection)).await {
            Ok(Ok(rows)) => {
                self.connection = Some(connection);
                return Ok(rows);
            }
            Ok(Err(error)) => error,
            Err(_) => return Err(too_late(doing).into()),
        };
        let answer = said::refusal(&error).map(Answer::of);
        match answer.filter(|answer| sqlstate::action(&answer.code) == Action::Blame) {
            Some(answer) => {
                self.connection = Some(connection);
                Err(Failed::Refused(answer, error))
            }
            None => {
                let doing = match sqlstate::is_lock_timeout(&error) {
                    true => self.with_holder(&mut connection, doing).await,
                    false => doing.to_owned(),
                };
                let Failure { error, keep_connection } = sqlstate::classify(error, &doing);
                self.connection = keep_connection.then_some(connection);
                Err(Failed::Error(error))
            }
        }
    }

    async fn with_holder(&self, connection: &mut PgConnection, doing: &str) -> String {
        match holder::find(connection, &self.known.statements.live.qualified).await {
            Some(holder) => format!("{doing}: {holder}"),
            None => doing.to_owned(),
        }
    }

    /// The error of a statement that wrote these records.
    pub(super) async fn blamed(&mut self, failed: Failed, records: &[&Record]) -> Error {
        let (answer, error) = match failed {
            Failed::Refused(answer, error) => (answer, error),
            Failed::Error(error) => return error,
        };
        let rules = match self.rules_for(records).await {
            Ok(rules) => rules,
            Err(error) => return error,
        };
        match blame(&answer, &rules) {
            Fault::Refused(refusal) => Error::Refused(refusal),
            Fault::Environment(why) => {
                self.connection = None; // it may have been made before the tables were changed
                if answer.code.starts_with("42") {
                    return sqlstate::classify(error, WRITING).error; // no rule: a name or a right
                }
                let headline = format!("{WRITING}: {} refuses ({})", answer.rule(), answer.code);
                let cause = sqlstate::classify(error, "no document is to blame").error;
                Error::retryable(why, anyhow!("{cause}").context(headline))
            }
        }
    }

    /// The rules for a single record, or for a batch of several.
    async fn rules_for(&mut self, records: &[&Record]) -> Result<Rules, Error> {
        let rules = self.rules().await?;
        let alone = match records {
            [record] => Some(fills(&self.known.mapping, &record.encoded)?),
            _ => None,
        };
        Ok(rules.bearing_on(&self.known.mapping, alone.as_deref()))
    }

    async fn rules(&mut self) -> Result<Arc<Rules>, Error> {
        const DOING: &str = "cannot read the rules of postgres";
        let mut connection = self.connected().await?;
        let Generation { rules, mapping, statements, .. } = &*self.known;
        let reading = rules.read(&mut connection, mapping, &statements.live.qualified);
        let rules = timeout(CLIENT_TIMEOUT, reading).await.map_err(|_| too_late(DOING))?;
        let rules = rules.map_err(|error| sqlstate::classify(error, DOING).error)?;
        self.connection = Some(connection);
        Ok(rules)
    }

    /// Checks whether the tables are still those of the known generation.
    pub(super) async fn look(&mut self) -> Result<(), Error> {
        let mut connection = self.connected().await?;
        let looking = timeout(CLIENT_TIMEOUT, self.tables.look(&mut connection)).await;
        looking.map_err(|_| too_late("cannot read the catalog of postgres"))??;
        self.connection = Some(connection);
        Ok(())
    }

    async fn connected(&mut self) -> Result<PgConnection, Error> {
        match self.connection.take() {
            Some(connection) => Ok(connection),
            None => {
                let connection = self.connector.writing().await?;
                self.connector.board.reopened();
                Ok(connection)
            }
        }
    }

    /// The refusal of a document that the database neither inserted nor has stored, although it
    /// reported no error.
    pub(super) async fn neither_inserted_nor_found(&mut self) -> Result<Refusal, Error> {
        let rules = self.rules().await?;
        let table = &self.known.mapping.table.name;
        let is_kept_out = rules.has_policies || self.known.statements.live.has_trigger;
        let is_kept_out =
            is_kept_out || rules.tables.values().any(|table| table.has_before_trigger);
        let (detail, rule) = match is_kept_out {
            true => (
                format!(
                    "postgres reported no error, but the document is not stored: a trigger or policy \
                     of table `{table}` kept it out, or hides it"
                ),
                format!("a trigger or policy of {table} that keeps rows out"),
            ),
            false => (
                format!(
                    "postgres reported no error, but the document is not in table `{table}`: another \
                     program may have deleted it"
                ),
                format!("rows of {table} that vanish"),
            ),
        };
        let rejection = Rejection::new(Reason::RejectedByDatabase, detail);
        Ok(Refusal::unclear(rejection, rule).that_may_pass())
    }
}

fn too_late(doing: &str) -> Error {
    Error::retryable(Why::TimedOut, anyhow!("{doing}: no answer in time"))
}

/// Reads a column. It fails if the column has changed since the sink was connected.
pub(super) fn decode<'r, T>(row: &'r PgRow, at: usize) -> Result<T, Error>
where
    T: sqlx::Decode<'r, Postgres> + sqlx::Type<Postgres>,
{
    row.try_get(at).map_err(|error| Error::retryable(Why::Unclassified, error))
}
