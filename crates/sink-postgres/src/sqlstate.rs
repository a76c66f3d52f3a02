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

/// What a refusal is about, where the code alone does not tell whether a document is to blame.
#[derive(Debug, Clone, Copy, Default)]
pub struct Blame {
    /// A 23502 names a column that a document fills.
    pub mapped_column: bool,
    /// A 23505 is about the id, which the database itself gives: its sequence is behind.
    pub id: bool,
}

/// The action for a SQLSTATE. A 23505 is never about the key, which `ON CONFLICT` settles.
#[must_use]
pub fn action(code: &str, blame: Blame) -> Action {
    match code {
        "23502" if blame.mapped_column => Action::Poison,
        "23502" => Action::Pause(Why::Mismatch),
        "23505" if blame.id => Action::Pause(Why::Mismatch),
        "23503" | "23505" | "23514" | "23P01" | "44000" | "54000" | "54001" | "54011" | "P0001" => {
            Action::Poison
        }
        "40001" | "40P01" | "55P03" => Action::RetryHere(Why::Contended),
        "57014" => Action::RetryHere(Why::TimedOut),
        "53200" => Action::Reconnect(Why::TooLarge),
        "53300" => Action::Reconnect(Why::Contended),
        "25006" | "25P02" | "25P03" | "26000" | "42P05" | "0A000" => {
            Action::Reconnect(Why::Unreachable)
        }
        "57P01" | "57P02" | "57P03" => Action::Reconnect(Why::Unreachable),
        "53100" => Action::Pause(Why::Full),
        "42P01" | "42703" | "3D000" => Action::Pause(Why::Mismatch),
        "42501" => Action::Pause(Why::Denied),
        "XX000" | "XX001" | "XX002" => Action::Pause(Why::Unclassified),
        // A sequence at its end, and a value that we encoded wrongly: no document is to blame.
        "2200H" => Action::Pause(Why::Full),
        "22P03" => Action::Pause(Why::Unclassified),
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

/// Classifies what a statement returned.
pub(crate) fn classify(
    error: sqlx::Error,
    doing: &str,
    blame: impl Fn(&PgDatabaseError) -> Blame,
) -> Failure {
    let Some(refusal) = database_error(&error) else {
        let why = match error {
            // Nothing was sent: the arguments are more than the protocol can carry.
            sqlx::Error::Encode(_) | sqlx::Error::Protocol(_) => Why::TooLarge,
            _ => Why::Unreachable,
        };
        let error = Error::retryable(why, anyhow::Error::new(error).context(doing.to_owned()));
        return Failure { error, keep_connection: false };
    };
    let (why, keep_connection) = match action(refusal.code(), blame(refusal)) {
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
    let why = match database_error(&error).map(|refusal| action(refusal.code(), Blame::default())) {
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
    use proptest::prelude::{any, prop_assert_eq, prop_assert_ne, proptest};

    use super::*;

    const BOTH: Blame = Blame { mapped_column: true, id: true };

    #[test]
    fn an_id_that_is_taken_or_used_up_is_nobodys_document() {
        assert_eq!(action("23505", Blame::default()), Action::Poison);
        assert_eq!(action("23505", BOTH), Action::Pause(Why::Mismatch));
        assert_eq!(action("2200H", Blame::default()), Action::Pause(Why::Full));
    }

    #[test]
    fn a_bad_value_is_poison_and_a_sick_service_never_is() {
        for code in ["22003", "22P02", "23514", "23503", "P0001", "54000"] {
            assert_eq!(action(code, Blame::default()), Action::Poison, "{code}");
        }
        for code in ["53100", "58030", "XX001", "42P01", "42703", "42501", "3D000", "28P01"] {
            assert!(matches!(action(code, BOTH), Action::Pause(_)), "{code}");
        }
    }

    #[test]
    fn a_null_is_the_documents_fault_only_in_a_mapped_column() {
        assert_eq!(action("23502", BOTH), Action::Poison);
        assert_eq!(action("23502", Blame::default()), Action::Pause(Why::Mismatch));
    }

    proptest! {
        #[test]
        fn any_text_has_an_action(code in any::<String>(), mapped_column in any::<bool>(), id in any::<bool>()) {
            let _ = action(&code, Blame { mapped_column, id });
        }

        #[test]
        fn nothing_is_poison_that_a_service_or_an_operator_can_heal(
            code in "(08|28|42|53|57|58|XX)[0-9A-Z]{3}", mapped_column in any::<bool>(), id in any::<bool>(),
        ) {
            prop_assert_ne!(action(&code, Blame { mapped_column, id }), Action::Poison);
        }

        #[test]
        fn a_code_of_a_class_that_nobody_knows_is_unknown(
            code in "[6-9][0-9A-Z]{4}", mapped_column in any::<bool>(), id in any::<bool>(),
        ) {
            prop_assert_eq!(action(&code, Blame { mapped_column, id }), Action::Unknown);
        }
    }
}
