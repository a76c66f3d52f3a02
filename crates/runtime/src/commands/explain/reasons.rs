use l0_stage::Why;
use serde::{Serialize, Serializer};

/// What a code in `/readyz` means, and what helps.
#[derive(Debug, Serialize)]
pub struct Reason {
    #[serde(rename = "code", serialize_with = "code")]
    why: Why,
    pub meaning: &'static str,
    pub cure: &'static str,
}

impl Reason {
    pub fn code(&self) -> &'static str {
        self.why.as_str()
    }
}

fn code<S: Serializer>(why: &Why, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(why.as_str())
}

const fn reason(why: Why, meaning: &'static str, cure: &'static str) -> Reason {
    Reason { why, meaning, cure }
}

/// Every reason there is; a test keeps them complete.
pub const REASONS: &[Reason] = &[
    reason(
        Why::Starting,
        "The instance has not opened its last connection yet.",
        "Wait. If it takes longer than a few seconds, another reason beside this one says for what.",
    ),
    reason(
        Why::Unreachable,
        "The service does not answer at its address, or the connection was lost.",
        "See whether it runs, and whether this machine reaches its address. Nothing is lost meanwhile, \
         and the pipeline goes on by itself.",
    ),
    reason(
        Why::TimedOut,
        "The service took the request and did not answer in time.",
        "It is overloaded, frozen, or its disk is slow: look at it. A batch that times out twice is \
         halved.",
    ),
    reason(
        Why::Contended,
        "The service is busy with other work. For postgres: a lock is held by another \
         session, or all connections are taken. The message names the session that holds a lock on our \
         tables, where postgres tells it.",
        "A lock: end the session with `SELECT pg_terminate_backend(PID)`, or wait for its transaction. \
         Connections: see `SELECT usename, count(*) FROM pg_stat_activity GROUP BY 1`, and raise \
         `max_connections`, or lower `workers`.",
    ),
    reason(
        Why::TooLarge,
        "The batch is too much for the service as a whole; it is halved until it fits.",
        "Lower `max_batch` if it comes again and again, or give the service more memory.",
    ),
    reason(
        Why::Refusing,
        "The database refuses more documents than may be given back, and whose fault that is, is \
         unclear. The message names the rule.",
        "Mend that rule of the database, or what it reads. The documents are stored then; none is \
         buried for it before.",
    ),
    reason(
        Why::Paused,
        "The durable consumer is paused: NATS delivers nothing until the time in the message.",
        "`nats consumer resume STREAM DURABLE` ends the pause.",
    ),
    reason(
        Why::Stalled,
        "Messages wait in the stream, and for a minute none was delivered and none acknowledged. Often \
         as many deliveries are open as `max_ack_pending` allows, and belong to an instance that hangs.",
        "Look at the other instances of the pipeline: one that is frozen holds what it took until its \
         ack wait is over. See `nats consumer info STREAM DURABLE`.",
    ),
    reason(
        Why::Full,
        "The service has no room left: a disk, its memory, a limit of an account, a sequence at its end.",
        "Make room where the message says. What was taken is kept and stored then.",
    ),
    reason(
        Why::Denied,
        "The service refuses the credentials, or a privilege is missing. The message names it.",
        "Postgres: `l0-runtime migrate` grants what the roles need. NATS: the README of the stage lists \
         the subjects that its user needs. `l0-runtime doctor` says which are missing.",
    ),
    reason(
        Why::Mismatch,
        "The service does not have what the configuration names: a table, a column, a stream, or they \
         are of another kind.",
        "`l0-runtime doctor` points at the line of the configuration. Mend that line or the service; a \
         change of the service needs no restart.",
    ),
    reason(
        Why::Unclassified,
        "The service refused for a reason that this version does not know.",
        "The message has the words of the service. Nothing is lost meanwhile; please report it.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_an_explanation_of_its_own() {
        assert_eq!(REASONS.len(), Why::ALL.len());
        for why in Why::ALL {
            let explained = REASONS.iter().filter(|reason| reason.code() == why.as_str()).count();
            assert_eq!(explained, 1, "{why:?}");
        }
    }
}
