//! The operations on a pipeline beside running it: test, doctor, replay, produce.

pub(crate) mod examine;
pub(crate) mod rehearse;
pub(crate) mod replay;
pub(crate) mod sample;
