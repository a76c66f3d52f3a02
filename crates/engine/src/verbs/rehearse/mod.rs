//! `[[tests]]`: messages go the way of `run`, and what becomes of each is compared with what its
//! test expects. Nothing is stored.

mod expected;
mod judge;
pub(crate) mod load;
mod number;
mod outcome;
mod place;
mod run;
pub(crate) mod section;

pub use judge::told;
pub use outcome::{Difference, Failed, Judgement, Tested, place_of};
pub use run::Rehearse;
pub use section::Test;
