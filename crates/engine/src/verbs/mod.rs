//! The operations on a pipeline beside running it: test, doctor, replay, produce, init.

pub(crate) mod describe;
pub(crate) mod examine;
pub(crate) mod rehearse;
pub(crate) mod replay;
pub(crate) mod sample;
