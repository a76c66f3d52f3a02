//! Which sections of the configuration each command reads.

use l0_stage::{Query, Role, Sink, Source, Validator};

/// The parts of the configuration that a command needs. A command requires only the variables of
/// the sections that it uses.
#[derive(Debug, Clone, Copy)]
pub struct Needs {
    pub(super) roles: &'static [&'static str],
    pub(super) migrating: bool,
    /// Whether the command runs the tests. Then their files and columns are checked too, not only
    /// the form of `[[tests]]`.
    pub(super) testing: bool,
}

impl Needs {
    /// The whole configuration.
    pub const EVERYTHING: Self =
        Self { roles: &[SOURCE, VALIDATE, SINK, QUERY], migrating: true, testing: true };
    /// Every stage, without the sections that only an administrator uses.
    pub const RUN: Self = Self { migrating: false, testing: false, ..Self::EVERYTHING };
    /// The tests, and the stages that the messages of tests pass.
    pub const TEST: Self = Self { testing: true, ..Self::DEAD_LETTERS };
    /// The source, and the query stage that shows its documents.
    pub const PRODUCE: Self = Self { roles: &[SOURCE, QUERY], migrating: false, testing: false };
    /// The sink, with the section that only an administrator uses.
    pub const MIGRATE: Self = Self { roles: &[SINK], migrating: true, testing: false };
    /// The sink, and the validator that a document must pass before it.
    pub const DEAD_LETTERS: Self =
        Self { roles: &[VALIDATE, SINK], migrating: false, testing: false };
    /// The query stage and `[observe]`, where an instance answers health checks.
    pub const HEALTH: Self = Self { roles: &[QUERY], migrating: false, testing: false };
}

pub(super) const SOURCE: &str = <dyn Source>::NAME;
pub(super) const VALIDATE: &str = <dyn Validator>::NAME;
pub(super) const SINK: &str = <dyn Sink>::NAME;
pub(super) const QUERY: &str = <dyn Query>::NAME;
