//! What each code of `/readyz` means, and what helps.

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

/// A code, by the list of `/readyz` that has it.
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

    /// The list of `/readyz` that has the code, for a person.
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
        "Wait. If it takes longer than a few seconds, another reason beside this one says what is missing.",
    ),
    reason(
        Why::Unreachable,
        "The service does not answer at its address, or the connection was lost.",
        "Check whether it runs, and whether this machine reaches its address. Nothing is lost meanwhile. \
         The pipeline continues by itself when the service answers.",
    ),
    reason(
        Why::TimedOut,
        "The service took the request and did not answer in time.",
        "Check the service: it is overloaded or frozen, or its disk is slow. A batch that times out \
         twice in a row is halved.",
    ),
    reason(
        Why::Contended,
        "The service is busy with other work. Postgres: another session holds a lock, or all \
         connections are taken. The message names the session that holds a lock on our tables, if \
         Postgres tells it.",
        "A lock: end the session with `SELECT pg_terminate_backend(PID)`, or wait for its transaction. \
         Connections: `SELECT usename, count(*) FROM pg_stat_activity GROUP BY 1` shows who has them. \
         Raise `max_connections` or the CONNECTION LIMIT of role or database, or lower `workers`.",
    ),
    reason(
        Why::TooLarge,
        "The batch as a whole is too large for the service. It is halved until it fits.",
        "If it happens often, lower `max_batch`, or give the service more memory.",
    ),
    reason(
        Why::Refusing,
        "The database refuses more documents than may be given back, and it is unclear whether the \
         documents are at fault. The message names the rule.",
        "Correct that rule of the database, or the data that it reads. Then the documents are stored. \
         Until then none of them is buried for it.",
    ),
    reason(
        Why::Paused,
        "The durable consumer is paused: NATS delivers nothing until the time in the message.",
        "`nats consumer resume STREAM DURABLE` ends the pause.",
    ),
    reason(
        Why::Stalled,
        "Messages wait in the stream, but for a minute none was delivered and none acknowledged. Often \
         an instance hangs and holds as many open deliveries as `max_ack_pending` allows.",
        "Check the other instances of the pipeline: a frozen one holds its messages until its ack wait \
         is over. `nats consumer info STREAM DURABLE` shows the open deliveries.",
    ),
    reason(
        Why::Full,
        "The service has no room left: a full disk, no memory, a limit of an account, or a sequence that is used up.",
        "Make room where the message says. The messages in hand are kept, and stored then.",
    ),
    reason(
        Why::Denied,
        "The service refuses the credentials, or a privilege is missing. The message says which.",
        "Postgres: `l0-runtime migrate` grants what the roles need. NATS: the README of the stage lists \
         the subjects that its user needs. `l0-runtime doctor` says which are missing.",
    ),
    reason(
        Why::Mismatch,
        "The service does not have what the configuration names (a table, a column, a stream), or has \
         it in another form.",
        "`l0-runtime doctor` points at the line of the configuration. Correct that line, or the service. \
         A change of the service needs no restart.",
    ),
    reason(
        Why::Panicked,
        "The code of the stage panics: a bug in it. The engine sets aside a single document at which a stage \
         panics. This code means that the stage panics at everything that it is given.",
        "The message names the file and line of the panic. Correct the stage, or go back to the version \
         before. No message is lost meanwhile.",
    ),
    reason(
        Why::Unclassified,
        "The service refused for a reason that this version does not know.",
        "The message quotes the service. Nothing is lost meanwhile. Please report it.",
    ),
    symptom(
        Symptom::GivenBack,
        "A rule of the database (a trigger, a function, a policy) refuses documents, and it is unclear \
         whether the documents are at fault. They are delivered again with growing delays, and become \
         dead letters at the third failure.",
        "The cause names the rule. Correct the rule, or the data that it reads. The documents are stored \
         at their next delivery.",
    ),
    symptom(
        Symptom::Buried,
        "A rule of the database refused documents because of their values. They became dead letters \
         within the last minute.",
        "The cause names the rule. `l0-runtime dlq list` shows the letters. Correct the sender or the rule, \
         then run `l0-runtime dlq replay`.",
    ),
    symptom(
        Symptom::KeptOut,
        "The database stored documents, but not all of their child rows, and reported no error. A \
         trigger can cause this.",
        "The cause names the table of the rows. If the trigger should not do that, correct it. The \
         `document` column holds the whole document.",
    ),
    symptom(
        Symptom::AllRejected,
        "In the last minute every message became a dead letter: ten or more, and none was stored. The \
         cause names the commonest reason.",
        "`l0-runtime dlq list` and `dlq show ID` print what is wrong. Often a sender or the schema has \
         changed. Correct it, then run `l0-runtime dlq replay --all`.",
    ),
    symptom(
        Symptom::SourceFull,
        "The stream has reached a limit of its own or of its account, so NATS refuses new messages. The \
         messages in the stream are still processed.",
        "The pipeline empties a work queue by itself. If it keeps up and the stream stays full, raise the \
         limit that the cause names: `nats stream edit STREAM`.",
    ),
    symptom(
        Symptom::ConnectionsRefused,
        "The open connections work, but the service refuses new ones: a password was changed, or all \
         connections are taken. A connection that breaks now cannot be replaced.",
        "The cause quotes the service. Correct the password where the configuration reads it, or free \
         connections. A file with a password is read again at each connect.",
    ),
    symptom(
        Symptom::ClockDiffers,
        "The clocks of a service and of this machine differ. Latencies, and the times in letters and \
         rows, are wrong by the difference.",
        "Synchronise both clocks by NTP. Nothing else depends on them.",
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
