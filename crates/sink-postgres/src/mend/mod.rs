//! Dead letters for the people who repair them: listed, marked, deleted.

pub(crate) mod dead_letters;
mod letters;
