//! What each code in `/readyz` means, and what helps: why a pipeline is not ready, and what goes wrong
//! although it is.

use l0_stage::Why;
use l0_stage::observe::Symptom;
use serde::{Serialize, Serializer};

/// A code in `/readyz`.
#[derive(Debug, Serialize)]
pub struct Reason {
    #[serde(serialize_with = "as_str")]
    pub code: Code,
    pub meaning: &'static str,
    pub cure: &'static str,
}

/// What it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    Unready(Why),
    Degraded(Symptom),
}

impl Code {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unready(why) => why.as_str(),
            Self::Degraded(symptom) => symptom.as_str(),
        }
    }

    /// Which list of `/readyz` has it.
    pub fn place(self) -> &'static str {
        match self {
            Self::Unready(_) => "a reason why /readyz answers 503",
            Self::Degraded(_) => "in the list `degraded` of /readyz, which answers 200",
        }
    }
}

fn as_str<S: Serializer>(code: &Code, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(code.as_str())
}

const fn reason(why: Why, meaning: &'static str, cure: &'static str) -> Reason {
    Reason { code: Code::Unready(why), meaning, cure }
}

const fn symptom(symptom: Symptom, meaning: &'static str, cure: &'static str) -> Reason {
    Reason { code: Code::Degraded(symptom), meaning, cure }
}

/// Every code there is; a test keeps them complete.
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
         `max_connections` or the CONNECTION LIMIT of role or database, or lower `workers`.",
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
        Why::Panicked,
        "The code of the stage panics: a bug in it. A document at which it panics is found and set aside; \
         what is shown here panics at all that the stage is given.",
        "The message names the file and line of the panic. Mend the stage, or go back to the version \
         before; nothing is lost meanwhile.",
    ),
    reason(
        Why::Unclassified,
        "The service refused for a reason that this version does not know.",
        "The message has the words of the service. Nothing is lost meanwhile; please report it.",
    ),
    symptom(
        Symptom::GivenBack,
        "A rule of the database (a trigger, a function, a policy) refuses documents, and whose fault that \
         is, is unclear. They come again with growing delays, and become dead letters at the third failure.",
        "The cause names the rule. Mend it, or what it reads: the documents are stored when they come again.",
    ),
    symptom(
        Symptom::Buried,
        "A rule of the database refuses documents for their own values. They became dead letters within \
         the last minute.",
        "The cause names the rule. `l0-runtime dlq list` shows the letters. Mend the sender or the rule, \
         then `l0-runtime dlq replay`.",
    ),
    symptom(
        Symptom::KeptOut,
        "The database stored documents, but kept some of their child rows out without an error: a \
         trigger does that.",
        "The cause names the table of the rows. If that is not what the trigger is for, mend it; the `document` column \
         holds everything.",
    ),
    symptom(
        Symptom::AllRejected,
        "For a minute every message became a dead letter: ten or more, and none was stored. The cause \
         names the commonest reason.",
        "`l0-runtime dlq list` and `dlq show ID` print what is wrong. Often a sender or the schema has \
         changed. After it is mended, `l0-runtime dlq replay --all`.",
    ),
    symptom(
        Symptom::SourceFull,
        "The stream is at a limit of its own or of its account, so that NATS refuses what is published. \
         What the stream holds is worked off.",
        "The pipeline empties a work queue by itself; if it keeps up and the stream stays full, raise the \
         limit that the cause names: `nats stream edit STREAM`.",
    ),
    symptom(
        Symptom::ConnectionsRefused,
        "The open connections work, and the service refuses new ones: a password was changed, or all \
         connections are taken. The next connection that breaks will not be replaced.",
        "The cause has the words of the service. Mend the password in the place where the configuration \
         reads it, or free connections; a file with a password is read again at each connect.",
    ),
    symptom(
        Symptom::ClockDiffers,
        "The clock of a service and the one of this machine differ. Latencies, and the times in letters \
         and rows, are wrong by as much.",
        "Set both clocks by NTP. Nothing else depends on them.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_an_explanation_of_its_own() {
        let reasons = Why::ALL.into_iter().map(Code::Unready);
        let codes: Vec<_> = reasons.chain(Symptom::ALL.into_iter().map(Code::Degraded)).collect();
        assert_eq!(REASONS.len(), codes.len());
        for code in codes {
            let explained = REASONS.iter().filter(|reason| reason.code.as_str() == code.as_str());
            assert_eq!(explained.count(), 1, "{code:?}");
        }
    }
}
