use l0_stage::doctor::Check;
use l0_stage::{Error, Why};
use sqlx::postgres::PgConnection;

use super::failed::refused;
use super::topics;
use crate::link::connect::Connector;
use crate::link::{session, shared_session};

/// Checks the settings of a worker's session, read back in a later transaction, and whether a
/// pooler shares the session with other clients.
pub(super) async fn checks(
    connection: &mut PgConnection,
    workers: &Connector,
) -> Result<Vec<Check>, Error> {
    let read = session::read(connection, &session::TOLD).await.map_err(refused)?;
    let read: Vec<_> = read.into_iter().map(|(name, value)| format!("{name} {value}")).collect();
    let read = read.join(", ");
    Ok(match shared_session::refuse(workers, connection).await {
        Ok(()) => vec![topics::SESSIONS.fine(format!("not shared; a worker's session has {read}"))],
        // That no connection is free is reported by the check of connections.
        Err(Error::Retryable { why: Why::Contended, .. }) => {
            let unseen = "whether a pooler shares it is not known, because no connection was free";
            vec![topics::SESSIONS.fine(format!("a worker's session has {read}; {unseen}"))]
        }
        Err(error) => topics::SESSIONS.failed(&error, |_| ("user", "look at the log of postgres")),
    })
}
