//! Decides what a failure of SQLite means for the pipeline, in a single table.
//!
//! Codes: <https://www.sqlite.org/rescode.html>

use l0_stage::anyhow::{self, anyhow};
use l0_stage::{Error, Why};

/// What to do after a statement failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// The catalog tells whose fault it is: see `write/blame.rs`.
    Blame,
    /// Keep trying: the cause may pass by itself, or an operator may fix it.
    Retry(Why),
}

/// The action for an extended result code.
pub(crate) fn action(code: i32) -> Action {
    match (code, code & 0xff) {
        (IOERR_NOMEM, _) => Action::Retry(Why::TooLarge),
        // ERROR includes an absent table or column, and a function that fails on a value.
        (_, TOOBIG | CONSTRAINT | MISMATCH | ERROR) => Action::Blame,
        (_, BUSY | LOCKED | PROTOCOL) => Action::Retry(Why::Contended),
        (_, INTERRUPT) => Action::Retry(Why::TimedOut),
        (_, NOMEM) => Action::Retry(Why::TooLarge),
        // IOERR_SHMSIZE: there is no room for the file of shared memory.
        (IOERR_SHMSIZE, _) | (_, FULL) => Action::Retry(Why::Full),
        (_, PERM | READONLY | AUTH) => Action::Retry(Why::Denied),
        (_, IOERR | CANTOPEN) => Action::Retry(Why::Unreachable),
        (_, SCHEMA | NOTADB | NOLFS) => Action::Retry(Why::Mismatch),
        _ => Action::Retry(Why::Unclassified),
    }
}

pub(crate) const ERROR: i32 = 1;
const PERM: i32 = 3;
const BUSY: i32 = 5;
const LOCKED: i32 = 6;
const NOMEM: i32 = 7;
const READONLY: i32 = 8;
const INTERRUPT: i32 = 9;
const IOERR: i32 = 10;
const FULL: i32 = 13;
const CANTOPEN: i32 = 14;
const PROTOCOL: i32 = 15;
const SCHEMA: i32 = 17;
pub(crate) const TOOBIG: i32 = 18;
const CONSTRAINT: i32 = 19;
const MISMATCH: i32 = 20;
const NOLFS: i32 = 22;
const AUTH: i32 = 23;
pub(crate) const NOTADB: i32 = 26;
pub(crate) const CONSTRAINT_CHECK: i32 = CONSTRAINT | 1 << 8;
pub(crate) const CONSTRAINT_FOREIGNKEY: i32 = CONSTRAINT | 3 << 8;
pub(crate) const CONSTRAINT_NOTNULL: i32 = CONSTRAINT | 5 << 8;
pub(crate) const CONSTRAINT_PRIMARYKEY: i32 = CONSTRAINT | 6 << 8;
pub(crate) const CONSTRAINT_TRIGGER: i32 = CONSTRAINT | 7 << 8;
pub(crate) const CONSTRAINT_UNIQUE: i32 = CONSTRAINT | 8 << 8;
pub(crate) const CONSTRAINT_ROWID: i32 = CONSTRAINT | 10 << 8;
const IOERR_NOMEM: i32 = IOERR | 12 << 8;
const IOERR_SHMSIZE: i32 = IOERR | 19 << 8;

/// The error for a refusal of SQLite for which no document is to blame.
pub(crate) fn classify(error: rusqlite::Error, doing: &str) -> Error {
    let Some((code, message)) = refusal(&error) else { return own(error, doing) };
    let why = match action(code) {
        Action::Retry(why) => why,
        Action::Blame => Why::Mismatch,
    };
    Error::retryable(why, anyhow!("{doing}: {message} ({code})"))
}

/// An error of the driver or of our code: the statement did not reach SQLite, or SQLite gave an
/// unexpected answer.
fn own(error: rusqlite::Error, doing: &str) -> Error {
    let why = match error {
        rusqlite::Error::ToSqlConversionFailure(foreign) => {
            return Error::permanent(anyhow!(foreign));
        }
        rusqlite::Error::InvalidColumnType(..) | rusqlite::Error::InvalidColumnName(_) => {
            Why::Mismatch
        }
        _ => Why::Unclassified,
    };
    Error::retryable(why, anyhow::Error::new(error).context(doing.to_owned()))
}

/// The extended result code and the message, if SQLite itself refused.
pub(crate) fn refusal(error: &rusqlite::Error) -> Option<(i32, &str)> {
    match error {
        rusqlite::Error::SqliteFailure(error, message) => {
            Some((error.extended_code, message.as_deref().unwrap_or("no message")))
        }
        rusqlite::Error::SqlInputError { error, msg, .. } => Some((error.extended_code, msg)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Just, any, prop_assert_eq, prop_assert_ne, prop_oneof, proptest};

    use super::*;

    #[test]
    fn rules_and_values_are_judged_and_a_sick_database_never_is() {
        // ERROR, CHECK, FOREIGN KEY, NOT NULL, PRIMARY KEY, RAISE, UNIQUE, DATATYPE, TOOBIG
        for code in [1, 275, 787, 1299, 1555, 1811, 2067, 3091, 18] {
            assert_eq!(action(code), Action::Blame, "{code}");
        }
        // BUSY_SNAPSHOT, READONLY_DBMOVED, IOERR_SHMSIZE, CORRUPT, FULL, CANTOPEN
        for code in [517, 1032, 4874, 11, 13, 14] {
            assert!(matches!(action(code), Action::Retry(_)), "{code}");
        }
        assert_eq!(action(13), Action::Retry(Why::Full));
        assert_eq!(action(517), Action::Retry(Why::Contended));
        assert_eq!(action(8), Action::Retry(Why::Denied));
    }

    proptest! {
        #[test]
        fn any_code_has_an_action(code in any::<i32>()) {
            let _ = action(code);
        }

        #[test]
        fn only_constraints_values_and_expressions_are_judged(primary in 0..256_i32, more in 0..64_i32) {
            if ![TOOBIG, CONSTRAINT, MISMATCH, ERROR].contains(&primary) {
                prop_assert_ne!(action(primary | more << 8), Action::Blame);
            }
        }

        #[test]
        fn a_code_that_nobody_knows_waits_for_a_hand(primary in prop_oneof![Just(2), 28..256_i32], more in 0..64_i32) {
            prop_assert_eq!(action(primary | more << 8), Action::Retry(Why::Unclassified));
        }
    }
}
