//! Stream and durable at the server: they are read, created, compared with the configuration,
//! and distinguished from others of the same name.

pub(crate) mod allowance;
pub(crate) mod api;
pub(crate) mod bucket;
pub(crate) mod drift;
pub(crate) mod durable;
pub(crate) mod durable_config;
pub(crate) mod incarnation;
pub(crate) mod limits;
pub(crate) mod session;
pub(crate) mod start;
pub(crate) mod stored;
pub(crate) mod stream;
pub(crate) mod subject;
pub(crate) mod subjects;
