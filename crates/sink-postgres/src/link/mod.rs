//! The sessions at the server: how they are opened, set and checked, and what their failures
//! mean.

mod acting;
mod board;
pub(crate) mod clock;
pub(crate) mod connect;
mod facts;
pub(crate) mod holder;
pub(crate) mod hosts;
mod open;
mod pooler;
pub(crate) mod probe;
pub(crate) mod refusal;
pub(crate) mod room;
pub(crate) mod said;
pub(crate) mod server;
pub(crate) mod session;
pub(crate) mod shared_session;
pub(crate) mod sqlstate;
pub(crate) mod tls;
pub(crate) mod unopened;
