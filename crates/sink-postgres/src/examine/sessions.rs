use l0_stage::doctor::Check;
use l0_stage::{Error, Why};
use sqlx::postgres::PgConnection;

use super::failed::refused;
use super::topics;
use crate::link::connect::Connector;
use crate::link::{session, shared_session};

/// What a worker's session is, read back in a transaction after the one that set it, and whether a
/// pooler shares it with others.
pub(super) async fn checks(
    connection: &mut PgConnection,
    workers: &Connector,
) -> Result<Vec<Check>, Error> {
    let read = session::read(connection, &session::TOLD).await.map_err(refused)?;
    let read: Vec<_> = read.into_iter().map(|(name, value)| format!("{name} {value}")).collect();
    let read = read.join(", ");
    Ok(match shared_session::refuse(workers, connection).await {
        Ok(()) => vec![topics::SESSIONS.fine(format!("not shared; a worker's has {read}"))],
        // That none is free is said of the connections.
        Err(Error::Retryable { why: Why::Contended, .. }) => {
            let unseen = "no connection was free to see whether a pooler shares them";
            vec![topics::SESSIONS.fine(format!("a worker's has {read}; {unseen}"))]
        }
        Err(error) => topics::SESSIONS.failed(&error, |_| ("user", "look at the log of postgres")),
    })
}
