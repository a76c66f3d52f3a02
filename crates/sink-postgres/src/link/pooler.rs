//! A pooler in transaction or statement mode between us and Postgres. It gives each
//! transaction, or each statement, another session of the server. So settings, prepared statements
//! and locks of a session are lost.

use l0_stage::{Error, Finding, Findings};

use super::hosts::Address;

/// Codes that a connect returns only if other clients use the session too: a prepared statement
/// exists already, or is gone.
const SHARED: [&str; 2] = ["42P05", "26000"];

pub(crate) fn is_sign(code: &str) -> bool {
    SHARED.contains(&code)
}

/// The finding about a pooler, with the sign by which it was noticed.
pub(crate) fn finding(address: &Address, sign: &str) -> Error {
    let message = format!(
        "a pooler in transaction or statement mode stands before postgres at {address}: {sign}"
    );
    let help = "set `pool_mode = session` for this database, or name postgres itself";
    Error::mismatch(Findings(vec![Finding::new("host", message).help(help)]))
}
