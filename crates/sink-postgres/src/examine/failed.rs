use l0_stage::Error;

use crate::link::sqlstate;

/// The error of a query of `doctor` that failed.
pub(super) fn refused(error: sqlx::Error) -> Error {
    sqlstate::classify(error, "cannot look at postgres").error
}
