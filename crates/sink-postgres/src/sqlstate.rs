//! The one table that says what a failure of Postgres means for the pipeline.
//!
//! Codes: <https://www.postgresql.org/docs/current/errcodes-appendix.html>

use l0_stage::anyhow::{self, anyhow};
use l0_stage::{Error, Reason, Rejection, Why};
use sqlx::postgres::PgDatabaseError;

/// What to do after a statement failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// A document of the batch can never be stored.
    Poison,
    /// Try again on the same connection.
    RetryHere(Why),
    /// Try again on a new connection.
    Reconnect(Why),
    /// Nothing but a hand outside can help; keep trying until it has.
    Pause(Why),
    /// Nobody classified it.
    Unknown,
}

/// The action for a SQLSTATE. `mapped` tells whether the column that a 23502 names is mapped: only
/// then is the document to blame. A 23505 is never about the key, which `ON CONFLICT` settles.
#[must_use]
pub fn action(code: &str, mapped: bool) -> Action {
    match code {
        "23502" if mapped => Action::Poison,
        "23502" => Action::Pause(Why::Mismatch),
        "23503" | "23505" | "23514" | "23P01" | "44000" | "54000" | "54001" | "54011" | "P0001" => {
            Action::Poison
        }
        "40001" | "40P01" | "55P03" => Action::RetryHere(Why::Contended),
        "57014" => Action::RetryHere(Why::TimedOut),
        "53200" => Action::Reconnect(Why::Full),
        "53300" => Action::Reconnect(Why::Contended),
        "25006" | "25P02" | "25P03" | "26000" | "42P05" | "0A000" => {
            Action::Reconnect(Why::Unreachable)
        }
        "57P01" | "57P02" | "57P03" => Action::Reconnect(Why::Unreachable),
        "53100" => Action::Pause(Why::Full),
        "42P01" | "42703" | "3D000" => Action::Pause(Why::Mismatch),
        "42501" => Action::Pause(Why::Denied),
        "XX000" | "XX001" | "XX002" => Action::Pause(Why::Unclassified),
        _ => match code.get(..2) {
            Some("22") => Action::Poison,
            Some("08") => Action::Reconnect(Why::Unreachable),
            Some("28") => Action::Pause(Why::Denied),
            Some("58") => Action::Pause(Why::Full),
            _ => Action::Unknown,
        },
    }
}

/// A failed statement, classified: the error for the engine, and whether the connection is still
/// good.
pub(crate) struct Failure {
    pub error: Error,
    pub keep_connection: bool,
}

/// Classifies what a statement returned. `is_mapped` answers for a column.
pub(crate) fn classify(
    error: sqlx::Error,
    doing: &str,
    is_mapped: impl Fn(&str) -> bool,
) -> Failure {
    let Some(refusal) = database_error(&error) else {
        let error =
            Error::retryable(Why::Unreachable, anyhow::Error::new(error).context(doing.to_owned()));
        return Failure { error, keep_connection: false };
    };
    let mapped = refusal.column().is_some_and(is_mapped);
    let (why, keep_connection) = match action(refusal.code(), mapped) {
        Action::Poison => {
            return Failure { error: Error::Poison(rejection(refusal)), keep_connection: true };
        }
        Action::RetryHere(why) => (why, true),
        Action::Reconnect(why) | Action::Pause(why) => (why, false),
        Action::Unknown => (Why::Unclassified, false),
    };
    let error = Error::retryable(why, describe(refusal).context(doing.to_owned()));
    Failure { error, keep_connection }
}

/// The error of a failed connect.
pub(crate) fn connect_error(error: sqlx::Error, doing: String) -> Error {
    let why = match database_error(&error).map(|refusal| action(refusal.code(), false)) {
        Some(Action::RetryHere(why) | Action::Reconnect(why) | Action::Pause(why)) => why,
        Some(Action::Poison | Action::Unknown) => Why::Unclassified,
        None => Why::Unreachable,
    };
    let cause = match database_error(&error) {
        Some(refusal) => describe(refusal),
        None => anyhow::Error::new(error),
    };
    Error::retryable(why, cause.context(doing))
}

fn database_error(error: &sqlx::Error) -> Option<&PgDatabaseError> {
    error.as_database_error().and_then(|error| error.try_downcast_ref::<PgDatabaseError>())
}

/// Code and message; never the detail, which quotes the row.
fn describe(refusal: &PgDatabaseError) -> anyhow::Error {
    anyhow!("{} ({})", refusal.message(), refusal.code())
}

/// What a person needs to find the rule that refused the document. The message is left out: it may
/// quote the value.
fn rejection(refusal: &PgDatabaseError) -> Rejection {
    let mut detail = format!("postgres refused it with {}", refusal.code());
    let places = [
        ("constraint", refusal.constraint()),
        ("table", refusal.table()),
        ("column", refusal.column()),
    ];
    for (kind, name) in places {
        if let Some(name) = name {
            detail.push_str(&format!(", {kind} `{name}`"));
        }
    }
    Rejection::new(Reason::RejectedByDatabase, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_value_is_poison_and_a_sick_service_never_is() {
        for code in ["22003", "22P02", "23514", "23503", "P0001", "54000"] {
            assert_eq!(action(code, false), Action::Poison, "{code}");
        }
        for code in ["53100", "58030", "XX001", "42P01", "42703", "42501", "3D000", "28P01"] {
            assert!(matches!(action(code, true), Action::Pause(_)), "{code}");
        }
    }

    #[test]
    fn a_null_is_the_documents_fault_only_in_a_mapped_column() {
        assert_eq!(action("23502", true), Action::Poison);
        assert_eq!(action("23502", false), Action::Pause(Why::Mismatch));
    }

    #[test]
    fn every_code_of_two_classes_and_any_text_has_an_action() {
        for class in ["40", "57", "99", "Z", "", "абв"] {
            let _ = action(class, false);
        }
        assert_eq!(action("99999", false), Action::Unknown);
    }
}
