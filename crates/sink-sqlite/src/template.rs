use l0_stage::template::{ColumnTypes, OwnColumns, TablesTemplate, Template};

/// What `l0-runtime init` writes for this sink.
pub(crate) const TEMPLATE: Template = Template {
    title: "SQLite",
    about: "A file",
    section: include_str!("../template.toml"),
    environment: include_str!("../template.env"),
    needs_service: false,
    tables: Some(TablesTemplate {
        workers: 2,
        why_so_few: "SQLite has one writer: more workers only wait for it",
        note: NOTE,
        reserved: &["sqlite_"],
        types: ColumnTypes {
            integer: "INTEGER",
            numeric: "DECIMAL_TEXT",
            number: "NUMERIC",
            text: "TEXT",
            timestamp: "TIMESTAMP_TEXT",
            date: "DATE_TEXT",
            boolean: "BOOLEAN",
            uuid: "UUID_TEXT",
            json: "JSON_TEXT",
        },
        own: OwnColumns {
            id: "INTEGER PRIMARY KEY AUTOINCREMENT",
            document: "JSON_TEXT NOT NULL",
            published_at: "TIMESTAMP_TEXT",
            deliveries: "INTEGER",
            stored_at: "TIMESTAMP_TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))",
        },
        missing_id: "make the table anew with a column `{id} INTEGER PRIMARY KEY`",
        dead_letters: include_str!("../../../sql/sqlite/0002_dead_letters.sql"),
    }),
};

const NOTE: &str = "--
-- SQLite has no decimals, times or JSON of its own. Names that end in _TEXT have TEXT affinity, so
-- that every digit survives, and tell the mapping what they hold. A STRICT table knows none of them.
";
