use std::path::PathBuf;
use std::time::Duration;

use l0_testkit::hostile::{Books, Letter, Row};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection, Row as _};

use crate::stack::SOON;

/// A hostile database, as its administrator sees it.
pub enum Store {
    Postgres(Box<PgConnectOptions>),
    Sqlite(PathBuf),
}

const ROWS: &str = "SELECT CAST(document AS text), coalesce(rows, 0) FROM docs
    LEFT JOIN (SELECT doc_id, count(*) AS rows FROM parts GROUP BY doc_id) AS own ON doc_id = id";
const STRAYS: &str = "SELECT count(*) FROM parts WHERE doc_id NOT IN (SELECT id FROM docs)";
const LETTERS: &str = "concat_ws(' ', stream, stream_created, sequence), payload, reason, detail";

impl Store {
    /// Runs statements as one transaction.
    pub async fn execute(&self, sql: &str) {
        match self {
            Self::Postgres(options) => {
                let sql = AssertSqlSafe(sql.to_owned());
                sqlx::raw_sql(sql).execute(&mut connect(options).await).await.unwrap();
            }
            Self::Sqlite(path) => open(path).execute_batch(sql).unwrap(),
        }
    }

    /// What it holds now.
    pub async fn books(&self) -> Books {
        match self {
            Self::Postgres(options) => of_postgres(&mut connect(options).await).await,
            Self::Sqlite(path) => of_sqlite(&open(path)).unwrap(),
        }
    }
}

async fn connect(options: &PgConnectOptions) -> PgConnection {
    PgConnection::connect_with(options).await.unwrap()
}

/// Reads one snapshot.
async fn of_postgres(connection: &mut PgConnection) -> Books {
    let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    sqlx::raw_sql(begin).execute(&mut *connection).await.unwrap();
    let rows = sqlx::query(ROWS).fetch_all(&mut *connection).await.unwrap();
    let row = |row: &sqlx::postgres::PgRow| Row {
        document: row.get::<String, _>(0).into(),
        parts: count(row.get(1)),
    };
    let strays: i64 = sqlx::query_scalar(STRAYS).fetch_one(&mut *connection).await.unwrap();
    let after = "extract(epoch FROM buried_at - published_at)::float8";
    let letters = format!("SELECT {LETTERS}, {after} FROM dead_letters");
    let letters = sqlx::query(AssertSqlSafe(letters)).fetch_all(&mut *connection).await.unwrap();
    let letter = |row: &sqlx::postgres::PgRow| Letter {
        message: row.get(0),
        payload: row.get::<Vec<u8>, _>(1).into(),
        reason: row.get(2),
        detail: row.get(3),
        after: seconds(row.get(4)),
    };
    Books {
        rows: rows.iter().map(row).collect(),
        strays: count(strays),
        letters: letters.iter().map(letter).collect(),
        log: String::new(),
    }
}

fn open(path: &PathBuf) -> rusqlite::Connection {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.busy_timeout(SOON).unwrap();
    connection
}

/// Reads one snapshot.
fn of_sqlite(connection: &rusqlite::Connection) -> rusqlite::Result<Books> {
    let snapshot = connection.unchecked_transaction()?;
    let mut rows = snapshot.prepare(ROWS)?;
    let rows = rows.query_map([], |row| {
        Ok(Row { document: row.get::<_, String>(0)?.into(), parts: count(row.get(1)?) })
    })?;
    let after = "(julianday(buried_at) - julianday(published_at)) * 86400";
    let mut letters = snapshot.prepare(&format!("SELECT {LETTERS}, {after} FROM dead_letters"))?;
    let letters = letters.query_map([], |row| {
        Ok(Letter {
            message: row.get(0)?,
            payload: row.get::<_, Vec<u8>>(1)?.into(),
            reason: row.get(2)?,
            detail: row.get(3)?,
            after: seconds(row.get(4)?),
        })
    })?;
    Ok(Books {
        rows: rows.collect::<Result<_, _>>()?,
        strays: snapshot.query_row(STRAYS, [], |row| row.get(0).map(count))?,
        letters: letters.collect::<Result<_, _>>()?,
        log: String::new(),
    })
}

fn count(rows: i64) -> usize {
    usize::try_from(rows).unwrap()
}

/// The two clocks may differ.
fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}
