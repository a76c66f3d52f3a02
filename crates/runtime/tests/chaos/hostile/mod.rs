//! Databases that refuse, swallow and rewrite. No good document may be buried or stuck, no
//! letter lost, no document stored in part, and no letter may give an untrue reason.
//!
//! `L0_HOSTILE` says how many databases are generated, and `L0_SEED` with which seed they begin.

mod audit;
mod embedded;
mod ground;
mod report;
mod seeds;
mod site;
mod store;
