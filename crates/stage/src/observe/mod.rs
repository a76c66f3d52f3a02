//! What a running instance shows: its readiness, its numbers, its settings.
//!
//! Stages report [`Degraded`], [`Measure`], [`Backlog`] and [`Progress`]. The engine adds its own
//! numbers, and shows all of them as [`Vitals`] through [`Instance`].

mod backlog;
mod board;
mod counts;
mod degraded;
mod histogram;
mod history;
mod instance;
mod measure;
mod progress;
mod queries;
mod readiness;
mod unready;
mod vitals;
mod worker;

pub use backlog::Backlog;
pub use counts::Counts;
pub use degraded::{Degraded, Symptom};
pub use histogram::{Histogram, Histograms};
pub use history::{Away, History};
pub use instance::{Instance, Setting, StageInfo};
pub use measure::Measure;
pub use progress::Progress;
pub use queries::{CacheFigures, CountQueries, Queries};
pub use readiness::{Readiness, UnreadyGuard};
pub use unready::Unready;
pub use vitals::{Checks, Hashes, Latency, Rates, Vitals, Writes};
pub use worker::{Worker, WorkerState};
