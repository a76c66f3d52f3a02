//! What a stage reports to `l0-runtime doctor` about itself and its service.
//!
//! A stage lists its [`Topic`]s and makes each [`Check`] from one. An [`Examination`] holds all
//! checks.

mod check;
mod examination;
mod topic;

pub use check::{Check, Condition};
pub use examination::Examination;
pub use topic::Topic;
