use std::hint::black_box;

use l0_testkit::Postgres;
use sqlx::{Connection, Executor, PgConnection};

use super::copy::{DOCUMENTS, ITEMS, ORDERS, Rows};
use super::document::{Keyed, Order};

/// The place for orders.
#[derive(Debug, Clone, Copy)]
pub enum Place {
    /// The tables of the shipped mapping.
    Orders,
    /// The table of `documents.toml`.
    Documents,
    /// None: they are parsed and dropped.
    Nowhere,
}

/// A worker that puts orders into a place.
pub enum Worker {
    Orders(PgConnection),
    Documents(PgConnection),
    Nowhere,
}

impl Place {
    pub fn table(self) -> Option<&'static str> {
        match self {
            Self::Orders => Some("orders"),
            Self::Documents => Some("documents"),
            Self::Nowhere => None,
        }
    }
}

impl Worker {
    /// Starts with its own connection, over the Unix socket.
    pub async fn start(place: Place, postgres: &Postgres) -> sqlx::Result<Self> {
        let options = postgres.options().socket(postgres.socket_dir());
        let connect = || PgConnection::connect_with(&options);
        Ok(match place {
            Place::Orders => Self::Orders(connect().await?),
            Place::Documents => Self::Documents(connect().await?),
            Place::Nowhere => Self::Nowhere,
        })
    }

    /// Puts a batch, whose ids count from `first`.
    pub async fn put(&mut self, first: i64, payloads: &[&str]) -> anyhow::Result<()> {
        match self {
            Self::Orders(connection) => put_orders(connection, first, payloads).await,
            Self::Documents(connection) => put_documents(connection, first, payloads).await,
            Self::Nowhere => payloads.iter().try_for_each(|payload| {
                black_box(serde_json::from_str::<Order>(payload)?);
                Ok(())
            }),
        }
    }
}

async fn put_orders(
    connection: &mut PgConnection,
    first: i64,
    payloads: &[&str],
) -> anyhow::Result<()> {
    let (mut orders, mut items) = (Rows::default(), Rows::default());
    for (id, payload) in (first..).zip(payloads) {
        let order: Order = serde_json::from_str(payload)?;
        order.write(id, payload, &mut orders, &mut items)?;
    }
    connection.execute("BEGIN").await?;
    copy(connection, ORDERS, orders).await?;
    copy(connection, ITEMS, items).await?;
    connection.execute("COMMIT").await?;
    Ok(())
}

/// A single statement, so it is its own transaction.
async fn put_documents(
    connection: &mut PgConnection,
    first: i64,
    payloads: &[&str],
) -> anyhow::Result<()> {
    let mut documents = Rows::default();
    for (id, payload) in (first..).zip(payloads) {
        let keyed: Keyed = serde_json::from_str(payload)?;
        documents.row(3).bigint(id).texts([keyed.track_number, payload]);
    }
    copy(connection, DOCUMENTS, documents).await
}

async fn copy(connection: &mut PgConnection, statement: &str, rows: Rows) -> anyhow::Result<()> {
    let mut copy = connection.copy_in_raw(statement).await?;
    copy.send(rows.finish()).await?;
    copy.finish().await?;
    Ok(())
}
