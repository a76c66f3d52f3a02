//! Which sections a command reads.

use l0_stage::{Query, Role, Sink, Source, Validator};

/// What a command needs of the configuration; a variable is demanded only by a command that uses
/// its section.
#[derive(Debug, Clone, Copy)]
pub struct Needs {
    pub(super) roles: &'static [&'static str],
    pub(super) migrating: bool,
    /// Whether more than the form of `[[tests]]` counts.
    pub(super) testing: bool,
}

impl Needs {
    /// All that is written there.
    pub const EVERYTHING: Self =
        Self { roles: &[SOURCE, VALIDATE, SINK, QUERY], migrating: true, testing: true };
    /// Every stage, without what only an administrator uses.
    pub const RUN: Self = Self { migrating: false, testing: false, ..Self::EVERYTHING };
    /// The tests, and what their messages pass.
    pub const TEST: Self = Self { testing: true, ..Self::DEAD_LETTERS };
    /// The source, and where its documents can be seen.
    pub const PRODUCE: Self = Self { roles: &[SOURCE, QUERY], migrating: false, testing: false };
    /// The sink, and what only an administrator uses.
    pub const MIGRATE: Self = Self { roles: &[SINK], migrating: true, testing: false };
    /// The sink, and what a document must pass to get there.
    pub const DEAD_LETTERS: Self =
        Self { roles: &[VALIDATE, SINK], migrating: false, testing: false };
    /// Where an instance answers.
    pub const HEALTH: Self = Self { roles: &[QUERY], migrating: false, testing: false };
}

pub(super) const SOURCE: &str = <dyn Source>::NAME;
pub(super) const VALIDATE: &str = <dyn Validator>::NAME;
pub(super) const SINK: &str = <dyn Sink>::NAME;
pub(super) const QUERY: &str = <dyn Query>::NAME;
