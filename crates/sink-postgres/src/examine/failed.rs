use l0_stage::Error;

use crate::link::sqlstate;

/// The error of a failed look.
pub(super) fn refused(error: sqlx::Error) -> Error {
    sqlstate::classify(error, "cannot look at postgres").error
}
