//! `l0-runtime test --database`: stores documents in temporary copies of the tables, by the
//! statement of the workers, in a transaction that is rolled back. No id is used and no key is
//! locked. Triggers and foreign keys are not copied.

mod ask;
mod replica;

use l0_mapping::{Column, ColumnType, Mapping, Table};
use l0_stage::anyhow::anyhow;
use l0_stage::rehearsal::{Rehearsal, TableColumns, TableRows};
use l0_stage::{Document, Error, Finding, Findings, Outcome, Record, Why, Writer, async_trait};
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{Connection as _, Row as _};
use tokio::time::timeout;

use crate::PostgresConfig;
use crate::link::connect::Connector;
use crate::tables::catalog::{self, Live};
use crate::tables::fit::below_table;
use crate::tables::quote::quote;
use crate::write::connection::{CLIENT_TIMEOUT, PostgresWriter};
use crate::write::row;
use ask::{DOING, escaped, execute, fetch, refused};
use replica::{GENERATION, Replica};

pub(crate) struct PostgresRehearsal {
    connector: Connector,
    table: Table,
    /// The real tables.
    live: Live,
    mapping: Mapping,
}

impl PostgresRehearsal {
    /// Reads the catalog as `run` does.
    pub async fn begin(connector: Connector, config: &PostgresConfig) -> Result<Self, Error> {
        let mut connection = connector.writing().await?;
        let table = config.table.clone();
        let live = catalog::read(&mut connection, &table).await?;
        let mapping = Mapping::new(&table, &live.catalog);
        let mapping =
            mapping.map_err(|findings| Error::mismatch(Findings(below_table(findings))))?;
        check_privileges(&mut connection, config, &live).await?;
        close(connection).await;
        Ok(Self { connector, table, live, mapping })
    }

    async fn store(&self, document: &Document) -> Result<Vec<TableRows>, Error> {
        let encoded = row::encode(GENERATION, &self.mapping, document).map_err(Error::refused)?;
        let record = Record { message: document.message().clone(), encoded };
        // A separate connection for each document, so that no session keeps knowledge of dropped
        // tables.
        let mut connection = self.connector.writing().await?;
        execute(&mut connection, "BEGIN").await?;
        let replica = Replica::make(&mut connection, &self.table, &self.live).await?;
        let (connector, tables) = (self.connector.clone(), replica.tables.clone());
        let mut writer = PostgresWriter::new(connector, connection, tables);
        let stored = writer.write(&[record]).await;
        let connection = writer.into_connection();
        let mut connection = match (connection, stored) {
            (_, Err(error)) => return Err(error),
            (None, Ok(_)) => return Err(gone()),
            (Some(connection), Ok(outcomes)) => {
                if let Some(Outcome::Refused(refusal)) = outcomes.into_iter().next() {
                    return Err(Error::Refused(refusal));
                }
                connection
            }
        };
        let rows = self.read(&mut connection, &replica).await?;
        execute(&mut connection, "ROLLBACK").await?;
        close(connection).await;
        Ok(rows)
    }

    async fn read(
        &self,
        connection: &mut PgConnection,
        replica: &Replica,
    ) -> Result<Vec<TableRows>, Error> {
        let mut tables = Vec::new();
        for (table, columns) in self.mapping.filled() {
            let values: Vec<_> = columns.iter().map(printed).collect();
            // In the order in which the rows were inserted.
            let name = replica.name(table);
            let select = format!("SELECT {} FROM {name} ORDER BY ctid", values.join(", "));
            let rows = fetch(connection, select).await?;
            let rows = rows.iter().map(|row| shown(row, columns)).collect::<Result<_, _>>()?;
            tables.push(TableRows { table: table.to_owned(), rows });
        }
        Ok(tables)
    }
}

#[async_trait]
impl Rehearsal for PostgresRehearsal {
    fn tables(&self) -> Vec<TableColumns> {
        self.mapping.tables()
    }

    async fn rows(&mut self, document: &Document) -> Result<Vec<TableRows>, Error> {
        self.store(document).await
    }
}

/// Checks the privileges that temporary tables need, at the key of the role.
async fn check_privileges(
    connection: &mut PgConnection,
    config: &PostgresConfig,
    live: &Live,
) -> Result<(), Error> {
    let PostgresConfig { user, database, .. } = config;
    let refuse = |message: String, help: String| {
        Err(Error::mismatch(Findings(vec![Finding::new("user", message).help(help)])))
    };
    let temporary = "SELECT has_database_privilege(current_database(), 'TEMPORARY')";
    if !is_granted(connection, temporary.to_owned()).await? {
        let message =
            format!("role `{user}` may not make temporary tables in database `{database}`");
        let (database, user) = (quote(database), quote(user));
        return refuse(message, format!("GRANT TEMPORARY ON DATABASE {database} TO {user}"));
    }
    for (name, qualified) in &live.qualified {
        let select = format!("SELECT has_table_privilege('{}', 'SELECT')", escaped(qualified));
        if !is_granted(connection, select).await? {
            let message = format!("role `{user}` may not SELECT all columns of table `{name}`");
            return refuse(message, format!("GRANT SELECT ON {qualified} TO {}", quote(user)));
        }
    }
    Ok(())
}

async fn is_granted(connection: &mut PgConnection, select: String) -> Result<bool, Error> {
    let rows = fetch(connection, select).await?;
    let granted = rows.first().map(|row| row.try_get(0)).transpose();
    granted.map(Option::unwrap_or_default).map_err(refused)
}

/// The SQL that prints a column in the form that [`ColumnType::shown`] parses.
fn printed(column: &Column) -> String {
    let name = quote(&column.name);
    match column.column_type {
        ColumnType::Timestamp | ColumnType::Array => format!("to_json({name}) #>> '{{}}'"),
        ColumnType::Bytes => format!("'\\x' || encode({name}, 'hex')"),
        _ => format!("{name}::text"),
    }
}

fn shown(
    row: &PgRow,
    columns: &[Column],
) -> Result<Vec<(String, l0_stage::rehearsal::Shown)>, Error> {
    let value = |(at, column): (usize, &Column)| {
        let printed = row.try_get::<Option<String>, _>(at).map_err(refused)?;
        Ok((column.name.clone(), column.column_type.shown(printed)))
    };
    columns.iter().enumerate().map(value).collect()
}

fn gone() -> Error {
    Error::retryable(Why::Unreachable, anyhow!("{DOING}: the connection is gone"))
}

/// Closes the connection. An error does not matter, because the server rolls back the open
/// transaction in any case.
async fn close(connection: PgConnection) {
    let _ = timeout(CLIENT_TIMEOUT, connection.close()).await;
}
