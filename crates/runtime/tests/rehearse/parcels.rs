//! A small pipeline with everything that its tests can be about.

use crate::folder::{Folder, Ran, read};

const HEAD: &str = r#"[pipeline]
name = "parcels"
max_document_bytes = 2000

[validate.json_schema]
schema = "parcel.schema.json"

"#;

pub const SQLITE: &str = r#"[sink.sqlite]
path = "parcels.db"
migrations = "sql"

"#;

const TABLE: &str = r#"[sink.KIND.table]
name = "parcels"
id = "id"
key = "code"
document = "document"

[sink.KIND.table.columns]
code = "/code"
weight = "/weight"
sent = "/sent"
fragile = "/fragile"
note = "/note"
sender = "/sender"
extra = "/extra"
deliveries = "@deliveries"

[[sink.KIND.table.children]]
name = "stops"
parent = "parcel_id"
each = "/stops"

[sink.KIND.table.children.columns]
city = "/city"
cost = "/cost"

"#;

const SCHEMA: &str = r#"{
  "required": ["code"],
  "properties": {
    "code": {"type": ["string", "number"]},
    "weight": {"type": ["number", "string"]},
    "stops": {"items": {"properties": {"city": {"type": "string"}, "cost": {"type": "number"}}}}
  }
}"#;

pub const PARCEL: &str = r#"{
  "code": "P-007",
  "weight": 12.50,
  "sent": "2021-11-26T09:22:19+03:00",
  "fragile": true,
  "sender": "01234567-89AB-cdef-0123-456789abcdef",
  "extra": {"b": 1.0, "a": [null, "ы"]},
  "stops": [{"city": "Тверь", "cost": 30}, {"city": "Oslo", "cost": 30.3}, {"city": "Bonn"}]
}"#;

/// The tables in SQLite.
pub const TABLES: &str = "CREATE TABLE parcels (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    code       TEXT      NOT NULL UNIQUE,
    weight     DECIMAL_TEXT(6, 2),
    sent       TIMESTAMP_TEXT,
    fragile    BOOLEAN,
    note       TEXT      DEFAULT ('none' || ' yet'),
    sender     UUID_TEXT,
    extra      JSON_TEXT,
    deliveries INTEGER,
    document   JSON_TEXT NOT NULL
);
CREATE TABLE stops (
    parcel_id INTEGER NOT NULL REFERENCES parcels (id),
    city      TEXT,
    cost      DECIMAL_TEXT CHECK (cost <> '13')
);
CREATE INDEX stops_city_cost ON stops (city, cost, parcel_id);
";

/// A folder with the pipeline, its files, and these tests.
pub fn with_tests(tests: &str) -> Folder {
    with_sink("sqlite", SQLITE, tests)
}

/// The same with another sink.
pub fn with_sink(kind: &str, sink: &str, tests: &str) -> Folder {
    let folder = Folder::new();
    folder.write("pipeline.toml", &config(kind, sink, tests));
    folder.write("parcel.schema.json", SCHEMA);
    folder.write("parcel.json", PARCEL);
    folder.write("sql/0001_parcels.sql", TABLES);
    let letters = read("sql/sqlite/0002_dead_letters.sql");
    folder.write("sql/0002_dead_letters.sql", &letters);
    folder
}

fn config(kind: &str, sink: &str, tests: &str) -> String {
    format!("{HEAD}{sink}{}{tests}", TABLE.replace("KIND", kind))
}

/// A test which expects that these values of the parcel are stored.
pub fn stored(values: &str) -> String {
    format!("[[tests]]\nname = \"a parcel\"\nfile = \"parcel.json\"\n\n[tests.stored]\n{values}\n")
}

/// Everything that a person sees.
pub fn told(ran: &Ran) -> String {
    format!("{}{}", ran.stdout, ran.stderr)
}
