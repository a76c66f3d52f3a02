use std::sync::Arc;

use anyhow::Context;

use crate::drain::Drain;
use crate::orders::Orders;
use crate::stack::Stack;

/// Stores the documents to be requested, unless they are stored already.
///
/// The table is vacuumed, because the first reader of a new row would write to its page. An
/// automatic vacuum might run during one row of the report and not during another.
pub async fn fill(stack: &Stack, orders: &mut Orders, drain: &Drain) -> anyhow::Result<()> {
    if stack.count("orders").await? != drain.length {
        drain.measure(stack, orders).await?;
    }
    stack.execute("VACUUM (ANALYZE) orders").await?;
    stack.execute("CHECKPOINT").await
}

/// The ids that can be requested.
pub(super) async fn ids(stack: &Stack) -> anyhow::Result<Arc<[i64]>> {
    let ids: Vec<i64> =
        sqlx::query_scalar("SELECT id FROM orders").fetch_all(&mut stack.admin().await).await?;
    Ok(ids.into())
}

/// One document, and its id.
pub(super) async fn one(stack: &Stack) -> anyhow::Result<(i64, String)> {
    let first = "SELECT id, document::text FROM orders ORDER BY id LIMIT 1";
    let found = sqlx::query_as(first).fetch_optional(&mut stack.admin().await).await?;
    found.context("no order is stored")
}
