//! A pooler between us and postgres that gives every transaction, or every statement, another session
//! of the server: settings, prepared statements and locks of a session mean nothing there.

use l0_stage::{Error, Finding, Findings};

/// Codes that only a session that others use too can bring at a connect: a prepared statement that
/// is there already, or that is gone.
const SHARED: [&str; 2] = ["42P05", "26000"];

pub(crate) fn is_sign(code: &str) -> bool {
    SHARED.contains(&code)
}

/// The finding, wherever it was noticed.
pub(crate) fn finding(address: &str, sign: &str) -> Error {
    let message = format!(
        "a pooler in transaction or statement mode stands before postgres at {address}: {sign}"
    );
    let help = "set `pool_mode = session` for this database, or name postgres itself";
    Error::mismatch(Findings(vec![Finding::new("host", message).help(help)]))
}
