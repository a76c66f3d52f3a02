//! What a stage finds when it looks at itself and its service, for `l0-runtime doctor`.
//!
//! A stage lists its [`Topic`]s and makes every [`Check`] from one; an [`Examination`] is all of them.

mod check;
mod examination;
mod topic;

pub use check::{Check, Condition};
pub use examination::Examination;
pub use topic::Topic;
