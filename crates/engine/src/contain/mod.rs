//! Panics of stages end here: a call that panics becomes an error or a refusal, like any other answer.
//!
//! Each role has a wrapper that passes every call on. [`Stage::connect`](crate::Stage::connect) puts it
//! around what it connects, so that nothing else in this crate meets a stage without it.

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
    /// The same stage; what panics in it is told to the guard.
    #[doc(hidden)]
    fn contained(self: Box<Self>, guard: Guard) -> Box<Self>;
}
