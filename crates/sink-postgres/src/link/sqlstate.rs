//! Decides what a failure of Postgres means for the pipeline, in a single table.
//!
//! Codes: <https://www.postgresql.org/docs/current/errcodes-appendix.html>

use l0_stage::anyhow::{self, anyhow};
use l0_stage::{Error, Why};
use sqlx::postgres::PgDatabaseError;

use super::refusal::Answer;
use super::said;

/// What to do after a statement failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Try again on the same connection.
    RetryHere(Why),
    /// Try again on a new connection.
    Reconnect(Why),
    /// Keep trying until an operator has fixed the cause, because it does not pass by itself.
    Pause(Why),
    /// A document may be to blame: the catalog decides (`write/blame.rs`).
    Blame,
}

/// The action for a SQLSTATE. 23505 is never about the key, because `ON CONFLICT` handles that.
#[must_use]
pub fn action(code: &str) -> Action {
    match code {
        "40001" | "40P01" | "55P03" => Action::RetryHere(Why::Contended),
        "57014" => Action::RetryHere(Why::TimedOut),
        "53200" => Action::Reconnect(Why::TooLarge),
        "53300" => Action::Reconnect(Why::Contended),
        "26000" | "42P05" | "0A000" => Action::Reconnect(Why::Unreachable),
        "3D000" => Action::Pause(Why::Mismatch),
        // A sequence is used up, or the writer encoded a value wrongly. No document is to blame.
        "2200H" => Action::Pause(Why::Full),
        "22P03" => Action::Pause(Why::Unclassified),
        _ => match code.get(..2) {
            Some("08" | "25" | "57") => Action::Reconnect(Why::Unreachable),
            Some("40") => Action::RetryHere(Why::Contended),
            Some("28") => Action::Pause(Why::Denied),
            Some("53" | "58") => Action::Pause(Why::Full),
            Some("XX") => Action::Pause(Why::Unclassified),
            _ => Action::Blame,
        },
    }
}

/// A classified failure of a statement: the error for the engine, and whether the connection can
/// still be used.
pub(crate) struct Failure {
    pub error: Error,
    pub keep_connection: bool,
}

/// Classifies the failure of a statement that writes no document, so that none is to blame.
pub(crate) fn classify(error: sqlx::Error, doing: &str) -> Failure {
    let (why, keep_connection) = match said::refusal(&error).map(PgDatabaseError::code) {
        Some(code) => match action(code) {
            Action::RetryHere(why) => (why, true),
            Action::Reconnect(why) | Action::Pause(why) => (why, false),
            Action::Blame => (without_document(code), false),
        },
        // Nothing was sent: the arguments are larger than the protocol allows.
        None if matches!(error, sqlx::Error::Encode(_) | sqlx::Error::Protocol(_)) => {
            (Why::TooLarge, false)
        }
        None => (Why::Unreachable, false),
    };
    Failure { error: told(why, doing, error), keep_connection }
}

/// An error whose headline contains the cause, unless the cause may quote a value.
fn told(why: Why, doing: &str, error: sqlx::Error) -> Error {
    // A user's function may raise any message under any code, so its message may quote a value.
    let quotes = |refusal: &PgDatabaseError| {
        let is_blamed = action(refusal.code()) == Action::Blame;
        is_blamed && !refusal.code().starts_with("42") || Answer::of(refusal).in_function
    };
    let is_quiet = said::refusal(&error).is_some_and(quotes);
    let cause = cause(error);
    Error::retryable(
        why,
        match is_quiet {
            true => cause.context(doing.to_owned()),
            false => anyhow!("{doing}: {cause:#}"),
        },
    )
}

fn without_document(code: &str) -> Why {
    match code {
        "42501" => Why::Denied,
        _ if code.starts_with("42") || code.starts_with("23") => Why::Mismatch,
        _ => Why::Unclassified,
    }
}

/// The error of a failed connect.
pub(crate) fn connect_error(error: sqlx::Error, doing: String) -> Error {
    let why = match said::refusal(&error).map(|refusal| action(refusal.code())) {
        Some(Action::RetryHere(why) | Action::Reconnect(why) | Action::Pause(why)) => why,
        // The role has no right to connect to the database, or the database accepts no connections.
        Some(Action::Blame) => match said::refusal(&error).map(PgDatabaseError::code) {
            Some("42501") => Why::Denied,
            Some("55000") => Why::Mismatch,
            _ => Why::Unclassified,
        },
        None => Why::Unreachable,
    };
    told(why, &doing, error)
}

/// What the server said, if it said anything.
fn cause(error: sqlx::Error) -> anyhow::Error {
    match said::refusal(&error) {
        Some(refusal) => said::words(refusal),
        None => anyhow::Error::new(error),
    }
}

pub(crate) fn is_lock_timeout(error: &sqlx::Error) -> bool {
    said::refusal(error).is_some_and(|refusal| refusal.code() == "55P03")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert_ne, proptest};

    use super::*;

    #[test]
    fn a_sick_service_is_never_a_documents_fault() {
        for code in ["53100", "53400", "58030", "XX001", "3D000", "28P01", "2200H", "22P03"] {
            assert!(matches!(action(code), Action::Pause(_)), "{code}");
        }
        for code in ["57P01", "57P05", "08006", "25006", "26000", "53300"] {
            assert!(matches!(action(code), Action::Reconnect(_)), "{code}");
        }
        for code in
            ["22003", "22P02", "23502", "23514", "23503", "P0001", "54000", "42501", "SH001"]
        {
            assert_eq!(action(code), Action::Blame, "{code}");
        }
    }

    proptest! {
        #[test]
        fn any_text_has_an_action(code in any::<String>()) {
            let _ = action(&code);
        }

        #[test]
        fn nothing_is_a_documents_fault_that_a_service_or_an_operator_can_heal(
            code in "(08|25|28|40|53|57|58|XX)[0-9A-Z]{3}",
        ) {
            prop_assert_ne!(action(&code), Action::Blame);
        }
    }
}
