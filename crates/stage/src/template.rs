//! What a kind of stage offers to `l0-runtime init`, which knows no kind by name.

/// What `l0-runtime init` writes for a kind of stage.
///
/// These are replaced in `section` and `environment`: `{name}` by the pipeline's name, an
/// identifier; `{STREAM}` by the name in capitals; `{role}` by the prefix of database roles. A line
/// that is only `{search}` becomes `search = […]`, with the columns that documents are found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Template {
    /// The name that people use: `NATS JetStream`.
    pub title: &'static str,
    /// One line of help for the option that names this kind.
    pub about: &'static str,
    /// The section of `pipeline.toml` with its comments: `include_str!("../template.toml")`. Of a
    /// sink with [`tables`](Self::tables): everything above its table.
    pub section: &'static str,
    /// The variables of the section with their defaults: `include_str!("../template.env")`. It may
    /// be empty.
    pub environment: &'static str,
    /// Whether a service must run and be prepared first. Without an option, `init` takes a kind
    /// that needs none.
    pub needs_service: bool,
    /// Of a sink that stores rows in tables: how their SQL is written. `init` offers no other
    /// sinks.
    pub tables: Option<TablesTemplate>,
}

/// The words of a database for the tables that `l0-runtime init` writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TablesTemplate {
    /// How many workers a new pipeline has.
    pub workers: usize,
    /// Why there are so few workers, as a comment. Empty if they are not few.
    pub why_so_few: &'static str,
    /// Comment lines of SQL below the head of the migration. It may be empty.
    pub note: &'static str,
    /// Prefixes of table and index names that the database reserves for itself.
    pub reserved: &'static [&'static str],
    /// The types of columns.
    pub types: ColumnTypes,
    /// The columns that every table of documents has.
    pub own: OwnColumns,
    /// What a person must do to a table that exists and has no sequential id. `{table}` is replaced
    /// by its name, `{id}` by a name that none of its columns has.
    pub missing_id: &'static str,
    /// The migration that creates the table of dead letters.
    pub dead_letters: &'static str,
}

/// The type of a column, by what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnTypes {
    /// An integer of 64 bits.
    pub integer: &'static str,
    /// A number with any number of digits.
    pub numeric: &'static str,
    /// A number that was an integer in all samples, and may have a fraction in other messages.
    pub number: &'static str,
    /// A text.
    pub text: &'static str,
    /// A time with its offset.
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

/// The definition of each column that is not filled from the document; it follows the column's
/// name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnColumns {
    /// The sequential id, which the database gives.
    pub id: &'static str,
    /// The payload.
    pub document: &'static str,
    /// When the message was published.
    pub published_at: &'static str,
    /// How often the message had been delivered.
    pub deliveries: &'static str,
    /// When the document was committed, which the database fills in.
    pub stored_at: &'static str,
}
