//! Dead letters as a person sees them: listed, marked, deleted.

pub(crate) mod dead_letters;
pub(crate) mod letters;
