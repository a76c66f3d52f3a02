//! Lists, marks and deletes dead letters for operators.

pub(crate) mod dead_letters;
pub(crate) mod letters;
