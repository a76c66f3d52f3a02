use sqlx::postgres::PgConnection;

use super::clock::Clock;
use super::room::Room;

/// What a session reports about its server.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Facts {
    pub room: Option<Room>,
    pub clock: Option<Clock>,
}

impl Facts {
    pub async fn ask(connection: &mut PgConnection) -> Result<Self, sqlx::Error> {
        let clock = Clock::ask(connection).await?;
        let room = Room::ask(connection).await?;
        Ok(Self { room: Some(room), clock: Some(clock) })
    }
}
