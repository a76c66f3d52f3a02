//! Contains panics of stages. If a call of a stage panics, the caller gets an error or a refusal.
//!
//! Each role has a wrapper that forwards every call. [`Stage::connect`](crate::Stage::connect) puts
//! the wrapper around each stage that it connects, so the rest of this crate never calls a stage
//! directly.

mod guard;
mod hook;
mod letters;
mod query;
mod reader;
mod receipt;
mod sink;
mod source;
mod told;
mod validator;
mod writer;

pub(crate) use guard::Guard;

use l0_stage::Role;

/// A role whose stages can be wrapped.
pub trait Contain: Role {
    /// Wraps the stage, so that the guard catches its panics.
    #[doc(hidden)]
    fn contained(self: Box<Self>, guard: Guard) -> Box<Self>;
}
