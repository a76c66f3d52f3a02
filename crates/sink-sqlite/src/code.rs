//! The one table that says what a failure of SQLite means for the pipeline.
//!
//! Codes: <https://www.sqlite.org/rescode.html>

use l0_mapping::{Column, Mapping};
use l0_stage::anyhow::{self, anyhow};
use l0_stage::{Error, Reason, Rejection, Why};

/// What to do after a statement failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// A document of the batch can never be stored.
    Poison,
    /// It may heal by itself or by a hand outside; keep trying until it has.
    Retry(Why),
}

/// The action for an extended result code; `at_fault` is whether the column of a NOT NULL constraint
/// is one that a document fills.
///
/// A UNIQUE constraint is never that of the key: who inserts holds the write lock and has looked.
pub(crate) fn action(code: i32, at_fault: bool) -> Action {
    match (code, code & 0xff) {
        (CONSTRAINT_NOTNULL, _) if !at_fault => Action::Retry(Why::Mismatch),
        (IOERR_NOMEM, _) => Action::Retry(Why::TooLarge),
        (_, TOOBIG | CONSTRAINT | MISMATCH) => Action::Poison,
        (_, BUSY | LOCKED | PROTOCOL) => Action::Retry(Why::Contended),
        (_, INTERRUPT) => Action::Retry(Why::TimedOut),
        (_, NOMEM) => Action::Retry(Why::TooLarge),
        // There is no room for the file that the processes share.
        (IOERR_SHMSIZE, _) | (_, FULL) => Action::Retry(Why::Full),
        (_, PERM | READONLY | AUTH) => Action::Retry(Why::Denied),
        (_, IOERR | CANTOPEN) => Action::Retry(Why::Unreachable),
        // Among others a table or a column that is not there.
        (_, ERROR | SCHEMA | NOTADB | NOLFS) => Action::Retry(Why::Mismatch),
        _ => Action::Retry(Why::Unclassified),
    }
}

const ERROR: i32 = 1;
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
const TOOBIG: i32 = 18;
const CONSTRAINT: i32 = 19;
const MISMATCH: i32 = 20;
const NOLFS: i32 = 22;
const AUTH: i32 = 23;
pub(crate) const NOTADB: i32 = 26;
const CONSTRAINT_NOTNULL: i32 = CONSTRAINT | 5 << 8;
const CONSTRAINT_TRIGGER: i32 = CONSTRAINT | 7 << 8;
const IOERR_NOMEM: i32 = IOERR | 12 << 8;
const IOERR_SHMSIZE: i32 = IOERR | 19 << 8;

/// The error for what SQLite refused. Without a mapping no document is written, and none to blame.
pub(crate) fn classify(error: rusqlite::Error, doing: &str, mapping: Option<&Mapping>) -> Error {
    let Some((code, message)) = refusal(&error) else { return own(error, doing) };
    let at_fault = mapping.is_some_and(|mapping| names_mapped_column(message, mapping));
    let why = match action(code, at_fault) {
        Action::Poison if mapping.is_some() => return Error::Poison(rejection(code, message)),
        Action::Poison => Why::Mismatch,
        Action::Retry(why) => why,
    };
    Error::retryable(why, anyhow!("{message} ({code})").context(doing.to_owned()))
}

/// An error of the driver or of ours: SQLite was not asked, or answered unexpectedly.
fn own(error: rusqlite::Error, doing: &str) -> Error {
    let why = match error {
        rusqlite::Error::ToSqlConversionFailure(foreign) => {
            return Error::permanent(anyhow!(foreign));
        }
        // Neither inserted nor found: a trigger ignored it.
        rusqlite::Error::StatementChangedRows(_) => Why::Contended,
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

/// `NOT NULL constraint failed: orders.order_uid`: SQLite tells the column in no other way.
fn names_mapped_column(message: &str, mapping: &Mapping) -> bool {
    let place = message.rsplit_once(": ").and_then(|(_, place)| place.rsplit_once('.'));
    place.is_some_and(|(table, column)| fills(mapping, table, column))
}

fn fills(mapping: &Mapping, table: &str, column: &str) -> bool {
    let named = |name: &str| name.rsplit('.').next() == Some(table);
    let mapped = |columns: &[Column]| columns.iter().any(|it| it.name == column);
    let of_child = mapping.children.iter().any(|it| named(&it.name) && mapped(&it.columns));
    of_child || (named(&mapping.table.name) && mapped(&mapping.columns))
}

/// What a person needs to find the rule that refused the document. A message names tables, columns
/// or the constraint; that of a trigger is left out: it may quote the value.
fn rejection(code: i32, message: &str) -> Rejection {
    let message = if code == CONSTRAINT_TRIGGER { "a trigger refused it" } else { message };
    let detail = format!("sqlite refused it with {code}, {message}");
    Rejection::new(Reason::RejectedByDatabase, detail)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Just, any, prop_assert_eq, prop_assert_ne, prop_oneof, proptest};

    use super::*;

    #[test]
    fn a_bad_value_is_poison_and_a_sick_database_never_is() {
        // CHECK, FOREIGN KEY, PRIMARY KEY, RAISE, UNIQUE, DATATYPE, TOOBIG
        for code in [275, 787, 1555, 1811, 2067, 3091, 18] {
            assert_eq!(action(code, false), Action::Poison, "{code}");
        }
        // no such table, BUSY_SNAPSHOT, READONLY_DBMOVED, IOERR_SHMSIZE, CORRUPT, FULL, CANTOPEN
        for code in [1, 517, 1032, 4874, 11, 13, 14] {
            assert!(matches!(action(code, true), Action::Retry(_)), "{code}");
        }
        assert_eq!(action(13, true), Action::Retry(Why::Full));
        assert_eq!(action(517, true), Action::Retry(Why::Contended));
        assert_eq!(action(8, true), Action::Retry(Why::Denied));
    }

    #[test]
    fn a_null_is_the_documents_fault_only_in_a_mapped_column() {
        assert_eq!(action(CONSTRAINT_NOTNULL, true), Action::Poison);
        assert_eq!(action(CONSTRAINT_NOTNULL, false), Action::Retry(Why::Mismatch));
    }

    proptest! {
        #[test]
        fn any_code_has_an_action(code in any::<i32>(), at_fault in any::<bool>()) {
            let _ = action(code, at_fault);
        }

        #[test]
        fn only_constraints_and_values_are_poison(primary in 0..256_i32, more in 0..64_i32, at_fault in any::<bool>()) {
            if ![TOOBIG, CONSTRAINT, MISMATCH].contains(&primary) {
                prop_assert_ne!(action(primary | more << 8, at_fault), Action::Poison);
            }
        }

        #[test]
        fn a_code_that_nobody_knows_waits_for_a_hand(primary in prop_oneof![Just(2), 28..256_i32], more in 0..64_i32) {
            prop_assert_eq!(action(primary | more << 8, true), Action::Retry(Why::Unclassified));
        }
    }
}
