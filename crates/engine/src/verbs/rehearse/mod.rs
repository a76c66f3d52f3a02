//! `[[tests]]`: sends the tests' messages through the same checks as `run`, and compares the
//! outcomes with the tests. Nothing is stored.

mod expected;
mod judge;
pub(crate) mod load;
mod number;
mod outcome;
mod place;
pub(crate) mod refusal;
mod run;
pub(crate) mod section;

pub use judge::told;
pub use outcome::{Difference, Failed, Judgement, Tested, place_of};
pub use run::Rehearse;
pub use section::Test;
