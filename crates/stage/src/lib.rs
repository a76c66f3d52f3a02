#![doc = include_str!("../README.md")]

mod backlog;
mod counts;
mod degraded;
mod delivery;
mod edition;
mod entry;
mod error;
mod examination;
mod hash;
mod letter;
mod measure;
mod plugin;
mod printable;
mod progress;
mod readiness;
mod refusal;
mod rehearsal;
mod roles;
mod secret;
mod stop;
mod template;
mod topic;
mod view;
mod vitals;

pub use backlog::Backlog;
pub use counts::Counts;
pub use degraded::{Degraded, Symptom};
pub use delivery::{Delivery, Document, Encoded, Message, Origin, Receipt, Record, Verdict};
pub use edition::Edition;
pub use entry::{Entry, Lookup};
pub use error::{Error, Why};
pub use examination::{Check, Condition, Examination, in_units};
pub use hash::short_hash;
pub use letter::{
    BuriedLetter, DeadLetter, Decision, DecisionKind, LetterFilter, LetterPage, PageStart, Reason,
    Rejection,
};
pub use measure::Measure;
pub use plugin::{Context, Finding, Findings, MigrateOptions, Plugin, Role};
pub use printable::{is_printable, printable};
pub use progress::Progress;
pub use readiness::{Readiness, Unready, UnreadyGuard};
pub use refusal::{Blame, Refusal};
pub use rehearsal::{Rehearsal, Shown, TableColumns, TableRows};
pub use roles::{DeadLetters, Outcome, Publisher, Query, Reader, Sink, Source, Validator, Writer};
pub use secret::Secret;
pub use stop::Stop;
pub use template::{ColumnTypes, OwnColumns, TablesTemplate, Template};
pub use topic::Topic;
pub use view::{Instance, Setting, StageInfo, View};
pub use vitals::{
    Away, CacheFigures, Checks, CountQueries, Hashes, Histogram, Histograms, History, Latency,
    Queries, Rates, Vitals, Worker, WorkerState, Writes,
};

/// What stage authors need to implement the traits, so that versions cannot disagree.
pub use {anyhow, async_trait::async_trait, bytes::Bytes, serde_json, time};
