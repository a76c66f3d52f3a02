//! What a stage reports to `l0-runtime doctor` about itself and its service.
//!
//! A stage lists the [`Topic`]s that it checks, and reports the result of each as a [`Check`]. An
//! [`Examination`] holds all checks of one stage.

mod check;
mod examination;
mod topic;

pub use check::{Check, Condition};
pub use examination::Examination;
pub use topic::Topic;
