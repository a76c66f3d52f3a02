//! What a kind of stage offers `l0-runtime init`, which names none.

/// What `l0-runtime init` writes for a kind of stage.
///
/// In `section` and `environment` these are replaced: `{name}` by the pipeline's name, an identifier;
/// `{STREAM}` by the same in capitals; `{role}` by what the names of database roles begin with; and, where
/// it is a line by itself, `{search}` by `search = […]` with the columns that documents are found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Template {
    /// What people call it: `NATS JetStream`.
    pub title: &'static str,
    /// One line of help for the option that names this kind.
    pub about: &'static str,
    /// The section of `pipeline.toml` with its comments: `include_str!("../template.toml")`. Of a sink with
    /// [`tables`](Self::tables), all that stands above its table.
    pub section: &'static str,
    /// The variables of the section with their defaults: `include_str!("../template.env")`. May be empty.
    pub environment: &'static str,
    /// Whether a service must run and be prepared first. One that needs none is what `init` takes if it is
    /// told nothing.
    pub needs_service: bool,
    /// Of a sink that stores rows in tables: how their SQL is written. `init` offers no other sinks.
    pub tables: Option<TablesTemplate>,
}

/// How a sink's database declares the tables that `l0-runtime init` lays out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TablesTemplate {
    /// How many workers a pipeline begins with.
    pub workers: usize,
    /// Why so few, as a comment; empty if they are not.
    pub why_so_few: &'static str,
    /// Comment lines of SQL below the head of the migration; may be empty.
    pub note: &'static str,
    /// What the names of tables and indexes begin with that the database keeps for itself.
    pub reserved: &'static [&'static str],
    /// Types by what a column holds.
    pub types: ColumnTypes,
    /// The columns that every table of documents has.
    pub own: OwnColumns,
    /// The migration that makes the table of dead letters.
    pub dead_letters: &'static str,
}

/// The type of a column by what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnTypes {
    /// An integer of 64 bits.
    pub integer: &'static str,
    /// A number of any digits.
    pub numeric: &'static str,
    /// A text.
    pub text: &'static str,
    /// A time with its zone.
    pub timestamp: &'static str,
    /// A date.
    pub date: &'static str,
    /// True or false.
    pub boolean: &'static str,
    /// A UUID.
    pub uuid: &'static str,
    /// JSON, digit for digit.
    pub json: &'static str,
}

/// What stands behind the name of a column that is not filled from the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnColumns {
    /// The sequential id, which the database draws.
    pub id: &'static str,
    /// The payload.
    pub document: &'static str,
    /// When the source received it.
    pub published_at: &'static str,
    /// How often it had been delivered.
    pub deliveries: &'static str,
    /// When it was committed, which the database fills.
    pub stored_at: &'static str,
}
