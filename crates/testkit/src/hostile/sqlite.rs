//! A schema as SQL for SQLite.

use super::{Key, Schema, Twist};

/// The SQL that creates the tables of a schema.
pub(super) fn tables(schema: &Schema) -> String {
    let own = |twist: &Twist| after(*twist);
    let mut parts = vec![documents(schema), children(schema), indexes(schema)];
    parts.extend(schema.twists.iter().map(own).map(str::to_owned));
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n") + "\n"
}

fn documents(schema: &Schema) -> String {
    let key = match schema.key {
        Key::Text => "TEXT",
        Key::BigInt => "BIGINT",
        Key::Uuid => "UUID_TEXT",
    };
    let document = if schema.text { "TEXT" } else { "JSON_TEXT" };
    let amount = if schema.has(Twist::NotNullMapped) { " NOT NULL" } else { "" };
    let up = match schema.has(Twist::References) {
        true if schema.deferred => {
            format!("up {key} REFERENCES docs (key) DEFERRABLE INITIALLY DEFERRED")
        }
        true => format!("up {key} REFERENCES docs (key)"),
        false => format!("up {key}"),
    };
    let mut columns = vec![
        "id INTEGER PRIMARY KEY AUTOINCREMENT".to_owned(),
        format!("key {key} NOT NULL"),
        "code TEXT".to_owned(),
        "slot TEXT".to_owned(),
        "kind TEXT".to_owned(),
        format!("amount BIGINT{amount}"),
        up,
        format!("document {document} NOT NULL"),
    ];
    columns.extend(schema.twists.iter().filter_map(|twist| column(*twist)).map(str::to_owned));
    format!("CREATE TABLE docs (\n    {}\n);", columns.join(",\n    "))
}

/// What a twist adds to the table of documents. Columns come before constraints.
fn column(twist: Twist) -> Option<&'static str> {
    Some(match twist {
        Twist::GeneratedCheck => {
            "shout TEXT GENERATED ALWAYS AS (upper(kind)) STORED CONSTRAINT not_loud CHECK (shout <> 'LOUD')"
        }
        Twist::CheckMapped => {
            "small INTEGER DEFAULT 1 CONSTRAINT amount_small CHECK (amount < 1000)"
        }
        Twist::UniqueUnmapped => "place TEXT DEFAULT 'here'",
        _ => return None,
    })
}

fn children(schema: &Schema) -> String {
    let light = match schema.has(Twist::CheckOfChild) {
        true => " CONSTRAINT part_light CHECK (weight < 1000)",
        false => "",
    };
    let id = match schema.ids_of_child {
        Some(_) => "part_id INTEGER PRIMARY KEY,\n    ",
        None => "",
    };
    format!(
        "CREATE TABLE parts (
    {id}doc_id INTEGER NOT NULL REFERENCES docs (id),
    name TEXT,
    weight BIGINT{light}
);"
    )
}

fn indexes(schema: &Schema) -> String {
    let key = "CREATE UNIQUE INDEX docs_key ON docs (key);";
    let code = "CREATE UNIQUE INDEX docs_code ON docs (code);";
    if schema.has(Twist::UniqueOlder) {
        return format!("{code}\n{key}");
    }
    match schema.has(Twist::UniqueYounger) {
        true => format!("{key}\n{code}"),
        false => key.to_owned(),
    }
}

/// What a twist adds after the tables were created.
fn after(twist: Twist) -> &'static str {
    match twist {
        Twist::TriggerRaises => {
            "CREATE TRIGGER raises BEFORE INSERT ON docs WHEN new.kind = 'raise'
    BEGIN SELECT RAISE(ABORT, 'not this one'); END;"
        }
        Twist::TriggerRaisesItsOwn => {
            "CREATE TRIGGER raises_its_own BEFORE INSERT ON docs WHEN new.kind = 'own'
    BEGIN SELECT RAISE(ROLLBACK, 'not this one'); END;"
        }
        Twist::ChildRaises => {
            "CREATE TRIGGER refuses BEFORE INSERT ON parts WHEN new.name = 'raise'
    BEGIN SELECT RAISE(FAIL, 'not this one'); END;"
        }
        Twist::TriggerSwallows => {
            "CREATE TRIGGER swallows BEFORE INSERT ON docs WHEN new.kind = 'swallow'
    BEGIN SELECT RAISE(IGNORE); END;"
        }
        Twist::ChildSwallowed => {
            "CREATE TRIGGER drops BEFORE INSERT ON parts WHEN new.name = 'drop'
    BEGIN SELECT RAISE(IGNORE); END;"
        }
        Twist::JournalRefuses => "CREATE TABLE journal (kind TEXT, state TEXT UNIQUE);",
        _ => "",
    }
}

/// What breaks the database after the first documents.
pub(super) fn breaking(twist: Twist) -> &'static str {
    match twist {
        Twist::UniqueUnmapped => {
            "UPDATE docs SET place = id; CREATE UNIQUE INDEX docs_place ON docs (place);"
        }
        Twist::JournalRefuses => {
            "CREATE TRIGGER notes AFTER INSERT ON docs
    BEGIN INSERT INTO journal (kind, state) VALUES (new.kind, 'open'); END;"
        }
        _ => "",
    }
}

/// What repairs it.
pub(super) fn mending(twist: Twist) -> &'static str {
    match twist {
        Twist::UniqueUnmapped => "DROP INDEX docs_place;",
        Twist::JournalRefuses => "DROP TRIGGER notes;",
        _ => "",
    }
}
