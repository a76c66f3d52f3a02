//! The parts of a new pipeline that a kind of stage gives to `l0-runtime init`. The code of `init`
//! names no kind of stage.

/// What `l0-runtime init` writes for a kind of stage.
///
/// `init` replaces placeholders in `section` and `environment`. `{name}` becomes the pipeline's
/// name, an identifier. `{STREAM}` becomes the name in capitals. `{role}` becomes the prefix of
/// database roles. A line that is only `{search}` becomes `search = […]`, with the columns by which
/// documents can be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Template {
    /// The name of the service as people write it: `NATS JetStream`.
    pub title: &'static str,
    /// The line about this kind in the help of the option that chooses a kind.
    pub about: &'static str,
    /// The section of `pipeline.toml` with its comments, usually
    /// `include_str!("../template.toml")`. A sink with [`tables`](Self::tables) gives only the part
    /// above its table.
    pub section: &'static str,
    /// The variables of the section with their defaults, usually `include_str!("../template.env")`.
    /// It may be empty.
    pub environment: &'static str,
    /// Whether a user must first start and prepare a service for this kind. If no option names a
    /// kind, `init` chooses one that needs no service.
    pub needs_service: bool,
    /// For a sink that stores rows in tables: how the SQL of its tables is written. `init` offers
    /// no sink without it.
    pub tables: Option<TablesTemplate>,
}

/// The SQL of one database for the tables that `l0-runtime init` writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TablesTemplate {
    /// The number of workers of a new pipeline.
    pub workers: usize,
    /// A comment that says why a new pipeline has so few workers. Empty if the number needs no
    /// reason.
    pub why_so_few: &'static str,
    /// SQL comment lines for the place below the head of the migration. It may be empty.
    pub note: &'static str,
    /// The prefixes of table and index names that the database reserves for itself.
    pub reserved: &'static [&'static str],
    /// The SQL types of columns for each kind of value.
    pub types: ColumnTypes,
    /// The columns that every table of documents has beside those of the mapping.
    pub own: OwnColumns,
    /// What a person must do to a table that exists and has no sequential id. `{table}` is replaced
    /// by its name, `{id}` by a name that none of its columns has.
    pub missing_id: &'static str,
    /// The migration that creates the table of dead letters.
    pub dead_letters: &'static str,
}

/// The SQL type of a column for each kind of value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnTypes {
    /// The type for an integer of 64 bits.
    pub integer: &'static str,
    /// The type for a number with any number of digits.
    pub numeric: &'static str,
    /// The type for a number that was an integer in all samples, but may have a fraction in other
    /// messages.
    pub number: &'static str,
    /// The type for a text.
    pub text: &'static str,
    /// The type for a time with an offset from UTC.
    pub timestamp: &'static str,
    /// The type for a date without a time.
    pub date: &'static str,
    /// The type for a boolean.
    pub boolean: &'static str,
    /// The type for a UUID.
    pub uuid: &'static str,
    /// The type for JSON whose numbers keep all their digits.
    pub json: &'static str,
}

/// The SQL definitions of the columns that no field of the document fills. Each is the text that
/// follows the column's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnColumns {
    /// The sequential id, which the database generates.
    pub id: &'static str,
    /// The exact payload of the message.
    pub document: &'static str,
    /// When the message was published.
    pub published_at: &'static str,
    /// How often the message had been delivered when the document was stored.
    pub deliveries: &'static str,
    /// When the document was stored. The database fills in this time.
    pub stored_at: &'static str,
}
