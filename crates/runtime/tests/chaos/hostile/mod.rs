//! Databases that refuse, swallow and rewrite: no good document is buried or stuck, no letter is lost,
//! no document is halved, and no letter tells an untrue reason.
//!
//! `L0_HOSTILE` says how many are generated, `L0_SEED` with which seed they begin.

mod audit;
mod embedded;
mod ground;
mod report;
mod seeds;
mod site;
mod store;
