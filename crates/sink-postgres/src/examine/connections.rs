use l0_stage::doctor::Check;
use l0_stage::{Context, Error, Finding};
use sqlx::postgres::PgConnection;

use super::failed::refused;
use super::topics;
use crate::PostgresConfig;
use crate::link::room::{Limit, Room};
use crate::tables::quote::quote;

/// The number of connections that one instance opens.
pub(super) struct Needed {
    workers: usize,
    readers: usize,
    /// Connections of the role for dead letters.
    letters: usize,
}

/// The number of connections of the probe, which opens and closes one from time to time.
const PROBE: usize = 1;

/// Checks whether an instance can open the connections that it needs.
pub(super) async fn check(
    connection: &mut PgConnection,
    config: &PostgresConfig,
    context: &Context,
) -> Result<Check, Error> {
    let room = Room::ask(connection).await.map_err(refused)?;
    let needed = Needed::of(config, context);
    let letters = needed.letters.min(usize::from(room.limit != Limit::Role));
    Ok(Needed { letters, ..needed }.compare(room, config))
}

impl Needed {
    pub fn of(config: &PostgresConfig, context: &Context) -> Self {
        let letters = usize::from(config.dead_letters.is_some());
        let workers = context.workers;
        Self { workers, readers: PostgresConfig::readers(workers), letters }
    }

    pub fn all(&self) -> usize {
        self.workers + self.readers + self.letters + PROBE
    }

    fn compare(&self, room: Room, config: &PostgresConfig) -> Check {
        let Room { limit, most, free, ours } = room;
        let needed = self.all();
        let by = match limit {
            Limit::Server => String::new(),
            Limit::Database => format!(", by CONNECTION LIMIT of database `{}`", config.database),
            Limit::Role => format!(", by CONNECTION LIMIT of role `{}`", config.user),
        };
        let seen = format!("{needed} are needed ({}), {free} of {most} are free{by}", self.parts());
        if free >= needed {
            return topics::CONNECTIONS.fine(seen);
        }
        let of_instance = match ours {
            0 => String::new(),
            ours => format!("; a running instance has {ours}"),
        };
        let message = format!("{}{of_instance}", seen.replacen(" are", " connections are", 1));
        let finding =
            Finding::new("", message).help(cure(limit, needed, &config.user, &config.database));
        // One connection per worker and one for reading are enough. More readers could only wait.
        match ours > 0 || free > self.workers {
            true => topics::CONNECTIONS.warning(finding),
            false => topics::CONNECTIONS.trouble(finding),
        }
    }

    fn parts(&self) -> String {
        let Self { workers, readers, letters } = self;
        let letters = match letters {
            0 => String::new(),
            letters => format!(", {letters} for dead letters"),
        };
        format!("{workers} workers, {readers} readers{letters}, {PROBE} to probe")
    }
}

/// The help text: what an operator can do so that `needed` connections fit under the limit.
pub(super) fn cure(limit: Limit, needed: usize, user: &str, database: &str) -> String {
    let limited = match limit {
        Limit::Server => {
            return "raise `max_connections` of postgres, lower pipeline.workers, or close connections of other programs"
                .to_owned();
        }
        Limit::Database => format!("DATABASE {}", quote(database)),
        Limit::Role => format!("ROLE {}", quote(user)),
    };
    format!("ALTER {limited} CONNECTION LIMIT {needed} or more, or lower pipeline.workers")
}
