//! `init --table`: from a table that exists and a sample to a stored document, with nothing written by hand.

use std::path::Path;

use l0_testkit::{Port, require_services};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::lab::{Ended, Lab};
use crate::shapes::post;
use crate::stack::{Pipeline, SOON, Stack};

/// A table as teams have it, in both databases, and the row that its sample becomes.
struct Known {
    table: &'static str,
    /// Columns of the row, and of the first row of its child, as SQL prints them as JSON.
    postgres: fn() -> Value,
    sqlite: fn() -> Value,
    /// Whether the table keeps documents.
    keeps: bool,
}

const KNOWN: [Known; 4] = [
    Known {
        table: "orders",
        postgres: || {
            json!({
                "id": 1, "order_number": "A-1001", "customer_email": "ann@example.com",
                "status": "paid", "currency": "EUR", "total": 59.95, "note": null,
                "placed_at": "2024-05-01T08:15:00",
                "shipping_address": {"city": "Riga", "zip": "LV-1010"},
            })
        },
        sqlite: || {
            json!({
                "id": 1, "order_number": "A-1001", "customer_email": "ann@example.com",
                "status": "paid", "currency": "EUR", "total": 59.95, "note": null,
                "placed_at": "2024-05-01T08:15:00.000000Z",
                "shipping_address": "{\"city\":\"Riga\",\"zip\":\"LV-1010\"}",
            })
        },
        keeps: false,
    },
    Known {
        table: "readings",
        postgres: || {
            json!({
                "id": 1, "device_id": "d-7", "ts": "2024-05-01T08:15:00.25+00:00",
                "metric": "temperature", "value": 21.5, "battery": 87,
            })
        },
        sqlite: || {
            json!({
                "id": 1, "device_id": "d-7", "ts": "2024-05-01T08:15:00.250000Z",
                "metric": "temperature", "value": 21.5, "battery": 87,
            })
        },
        keeps: false,
    },
    Known {
        table: "audit_log",
        postgres: || {
            json!({
                "id": 1, "event_uuid": "b9a4cbb8-6c2e-4d27-a7b8-3f1d6c1d9c11",
                "actor_login": "ann", "actor_ip": "2001:db8::7", "action": "role.granted",
                "changes": {"role": [null, "admin"]},
                "occurred_at": "2024-05-01T06:15:00.123456+00:00",
            })
        },
        sqlite: || {
            json!({
                "id": 1, "event_uuid": "b9a4cbb8-6c2e-4d27-a7b8-3f1d6c1d9c11",
                "actor_login": "ann", "actor_ip": "2001:db8::7", "action": "role.granted",
                "changes": "{\"role\":[null,\"admin\"]}",
                "occurred_at": "2024-05-01T06:15:00.123456Z",
            })
        },
        keeps: true,
    },
    Known {
        table: "events",
        postgres: || {
            json!({
                "id": 1, "event_id": "0d4fd8a2-7d7c-4a55-9c57-1f2f4c1a8a01", "kind": "purchase",
                "user_id": 7, "tags": ["spring", "a,b"], "scores": [1.5, 20],
                "duration": "00:23:00", "session": "\\x00ff12",
            })
        },
        sqlite: || {
            json!({
                "id": 1, "event_id": "0d4fd8a2-7d7c-4a55-9c57-1f2f4c1a8a01", "kind": "purchase",
                "user_id": 7, "tags": "[\"spring\",\"a,b\"]", "scores": "[1.5,20]",
                "duration": "PT23M",
            })
        },
        keeps: true,
    },
];

impl Known {
    fn file(&self, end: &str) -> String {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/init/tables");
        std::fs::read_to_string(folder.join(format!("{}.{end}", self.table))).unwrap()
    }

    /// The arguments of `init` for this table.
    fn init(&self, sink: &str) -> Vec<String> {
        let table = self.table;
        words(&format!("init --from {table}.json --table {table} --sink {sink} --source http"))
    }

    /// The row holds these values, and perhaps others.
    fn holds(&self, row: &Value, expected: &Value) {
        for (column, value) in expected.as_object().unwrap() {
            assert_eq!(&row[column], value, "{}.{column} of {row}", self.table);
        }
    }

    /// The sample is stored once, however often it is sent, and is shown.
    async fn is_stored(&self, running: &Pipeline, ingest: u16) {
        let message = self.file("json");
        post(ingest, &message).await;
        post(ingest, &message).await;
        let answer = running.get("/get-json?id=1").await;
        let body: Value = serde_json::from_slice(&answer.body).unwrap();
        match self.keeps {
            true => assert_eq!(body, serde_json::from_str::<Value>(&message).unwrap()),
            false => assert_eq!(body["error"]["code"], "documents_not_kept", "{body}"),
        }
        assert_eq!(running.get("/get-json?id=2").await.status, 404);
    }
}

#[tokio::test]
async fn a_table_of_postgres_and_a_sample_are_enough_for_a_pipeline() {
    require_services!();
    let mut stack = Stack::unmigrated().await;
    for known in KNOWN {
        let table = known.table;
        println!("{table}");
        let database = format!("of_{table}");
        let create = AssertSqlSafe(format!("CREATE DATABASE {database}"));
        sqlx::query(create).execute(&mut stack.admin().await).await.unwrap();
        let options = stack.postgres.options().database(&database);
        let mut store = PgConnection::connect_with(&options).await.unwrap();
        let schema = AssertSqlSafe(known.file("postgres.sql"));
        sqlx::raw_sql(schema).execute(&mut store).await.unwrap();
        let (lab, ingest) = (Lab::new(), Port::free());
        lab.sample(&format!("{table}.json"), &known.file("json"));
        stack.set("PG_DATABASE", database).set("INGEST_PORT", ingest.number().to_string());
        stack.set("OBSERVE_PORT", "0");
        let command =
            |arguments: &[String]| stack.command([]).args(arguments).current_dir(lab.folder());
        let verbs = ["migrate", "test --database"].map(words);
        for arguments in [known.init("postgres")].into_iter().chain(verbs) {
            let (status, output) = command(&arguments).run(SOON).await;
            assert!(status.success(), "{}{}", output.stdout, output.stderr);
            println!("{}", output.stderr);
        }
        let running = Pipeline::of(command(&["run".into()]).start()).await;
        running.until_ready().await;
        known.is_stored(&running, ingest.number()).await;
        running.drain().await;
        let row = AssertSqlSafe(format!("SELECT to_jsonb(t)::text FROM {table} t"));
        sqlx::query("SET timezone = 'UTC'").execute(&mut store).await.unwrap();
        let rows: Vec<String> = sqlx::query_scalar(row).fetch_all(&mut store).await.unwrap();
        assert_eq!(rows.len(), 1, "{rows:?}");
        known.holds(&serde_json::from_str(&rows[0]).unwrap(), &(known.postgres)());
    }
    let options = stack.postgres.options().database("of_orders");
    let mut store = PgConnection::connect_with(&options).await.unwrap();
    let items = "SELECT sku || quantity || ':' || unit_price FROM order_items ORDER BY id";
    let items: Vec<String> = sqlx::query_scalar(items).fetch_all(&mut store).await.unwrap();
    assert_eq!(items, ["MUG-12:19.95", "TEA-71:20.00"]);
}

#[tokio::test]
async fn a_table_of_sqlite_and_a_sample_are_enough_for_a_pipeline() {
    for known in KNOWN {
        println!("{}", known.table);
        let (lab, ingest) = (Lab::new(), Port::free());
        lab.sample(&format!("{}.json", known.table), &known.file("json"));
        let path = lab.folder().join("team.db");
        let store = rusqlite::Connection::open(&path).unwrap();
        store.execute_batch(&known.file("sqlite.sql")).unwrap();
        let init = known.init("sqlite");
        let init: Vec<_> = init.iter().map(String::as_str).collect();
        let (status, output) = lab.launch(&init).env("SQLITE_PATH", "team.db").run(SOON).await;
        assert!(status.success(), "{}", output.stderr);
        println!("{}", output.stderr);
        lab.tests_pass(&["--database"]);
        let run = lab.launch(&["run"]).env("FRONTEND_PORT", "0").env("OBSERVE_PORT", "0");
        let run = run.env("INGEST_PORT", ingest.number().to_string());
        let running = Pipeline::of(run.start()).await;
        running.until_ready().await;
        known.is_stored(&running, ingest.number()).await;
        running.drain().await;
        let expected = (known.sqlite)();
        let columns = expected.as_object().unwrap().keys();
        let columns: Vec<_> = columns.map(|name| format!("'{name}', {name}")).collect();
        let row = format!("SELECT json_object({}) FROM {}", columns.join(", "), known.table);
        let row: String = store.query_row(&row, [], |row| row.get(0)).unwrap();
        known.holds(&serde_json::from_str(&row).unwrap(), &expected);
    }
}

fn words(line: &str) -> Vec<String> {
    line.split(' ').map(str::to_owned).collect()
}

/// A database file with these tables, a folder beside it, and what `init --table t` says of a sample.
fn told(schema: &str, sample: &str, more: &[&str]) -> (Lab, Ended) {
    let lab = Lab::new();
    lab.sample("t.json", sample);
    let store = rusqlite::Connection::open(lab.folder().join("t.db")).unwrap();
    store.execute_batch(schema).unwrap();
    let init = ["init", "--from", "t.json", "--table", "t", "--sink", "sqlite"];
    let ended = lab.end(&[&init, more].concat());
    (lab, ended)
}

#[test]
fn a_table_that_cannot_be_a_sink_says_which_change_it_needs() {
    for (schema, more, said) in [
        ("", &[][..], "--table: the database has no table `t`"),
        ("CREATE TABLE t (uid TEXT PRIMARY KEY)", &[], "`id INTEGER PRIMARY KEY`"),
        ("CREATE TABLE t (id TEXT PRIMARY KEY)", &[], "`row_id INTEGER PRIMARY KEY`"),
        (
            "CREATE TABLE t (id INTEGER PRIMARY KEY, uid TEXT)",
            &[],
            "no unique columns beside its id\nhelp: samples that have these members, or `CREATE UNIQUE INDEX \
             t_uid ON t (uid)`",
        ),
        (
            "CREATE TABLE t (id INTEGER PRIMARY KEY, uid TEXT, seen TEXT UNIQUE)",
            &[],
            "unique column `seen` can hold what identifies the message\n  --key @id ",
        ),
        (
            "CREATE TABLE t (id INTEGER PRIMARY KEY, uid TEXT UNIQUE, note TEXT)",
            &["--key", "/note"],
            "--key: note cannot be the key of `t`: its unique columns are (uid)",
        ),
        (
            "CREATE TABLE t (id INTEGER PRIMARY KEY, uid TEXT UNIQUE)",
            &["--key", "/note"],
            "--key: /note fills no column of `t`",
        ),
        (
            "CREATE TABLE t (id INTEGER PRIMARY KEY, uid TEXT UNIQUE)",
            &["--key", "@digest"],
            "--key: @digest needs a unique text column of `t` that no member fills",
        ),
    ] {
        let (lab, ended) = told(schema, r#"{"uid": "a", "note": "b"}"#, more);
        assert_eq!(ended.code, Some(2), "{schema}: {}", ended.stderr);
        assert!(ended.stderr.contains(said), "{schema}: {}", ended.stderr);
        assert!(!lab.folder().join("pipeline.toml").exists());
    }
}

#[test]
fn a_column_gets_the_member_of_the_row_itself_and_every_doubt_is_said() {
    let t = |columns: &str| {
        format!("CREATE TABLE t (id INTEGER PRIMARY KEY, uid TEXT UNIQUE, {columns})")
    };
    let child = "; CREATE TABLE t_items (t_id INTEGER REFERENCES t (id), sku TEXT NOT NULL)";
    for (schema, sample, written, said) in [
        // The row's own member comes before one of an envelope; what merely sounds alike fills nothing.
        (
            t("status TEXT, paid BOOLEAN"),
            r#"{"event": {"status": "sent"}, "uid": "a", "status": "new", "paid_at": true}"#,
            "status = \"/status\"   ",
            "without a column, not stored: /event, /paid_at",
        ),
        (
            t("status TEXT"),
            r#"{"event": {"status": "sent"}, "t": {"uid": "a", "status": "new"}}"#,
            "status = \"/t/status\"",
            "key     /t/uid",
        ),
        // A table takes only the array that is named like it.
        (
            format!("{}{child}", t("note TEXT")),
            r#"{"uid": "a", "gifts": [{"sku": "x"}], "items": [{"sku": "y"}]}"#,
            "each = \"/items\"",
            "without a column, not stored: /gifts",
        ),
        // JSON that is not named like the message is not the message.
        (
            t("address JSON_TEXT NOT NULL"),
            r#"{"uid": "a", "street": "x"}"#,
            "# address = \"/\"",
            "missing t.address (JSON_TEXT)",
        ),
        // A time that is not named like that of a message gets no such time.
        (
            t("expires_at DATETIME NOT NULL"),
            r#"{"uid": "a"}"#,
            "# expires_at = \"/\"",
            "missing t.expires_at",
        ),
        // The unit is that of all samples, and what a sample does not show is still mapped.
        (
            t("ts DATETIME, state TEXT"),
            r#"[{"uid": "a", "ts": null, "state": null}, {"uid": "b", "ts": 1714551300000}]"#,
            "ts = { value = \"/ts\", unit = \"ms\" }",
            "guessed ts = { value = \"/ts\", unit = \"ms\" }, state = \"/state\";",
        ),
        // A number of the sender may be that of another row here.
        (
            t("owner_id INTEGER REFERENCES t (id)"),
            r#"{"uid": "a", "owner": {"id": 7}}"#,
            "owner_id = \"/owner/id\"",
            "guessed owner_id = \"/owner/id\"",
        ),
        (
            t("code VARCHAR(3)"),
            r#"[{"uid": "a", "code": "abc"}, {"uid": "b", "code": "abcd"}]"#,
            "code = \"/code\"",
            "misfit  /code is \"abcd\" in a sample: t.code (VARCHAR(3)) does not take it",
        ),
        (
            format!(
                "{}; CREATE TRIGGER g AFTER INSERT ON t BEGIN UPDATE t SET note = 'x' WHERE id = new.id; END",
                t("note TEXT")
            ),
            r#"{"uid": "a", "note": "b"}"#,
            "note = \"/note\"",
            "trigger of t or a child of it may change what is stored",
        ),
    ] {
        let (lab, ended) = told(&schema, sample, &[]);
        assert_eq!(ended.code, Some(0), "{schema}: {}", ended.stderr);
        assert!(ended.stderr.contains(said), "{schema}: {}", ended.stderr);
        let config = lab.read("pipeline.toml");
        assert!(config.contains(&format!("\n{written}")), "{schema}: {config}");
        lab.validate();
    }
}

#[test]
fn tables_as_frameworks_make_them_are_filled_by_the_names_that_they_give() {
    // Columns in camel case, and times that the framework would set itself.
    let schema = "CREATE TABLE t (\"id\" INTEGER PRIMARY KEY, \"orderNo\" TEXT NOT NULL UNIQUE,
            \"createdAt\" DATETIME NOT NULL, \"updatedAt\" DATETIME NOT NULL);
        CREATE TABLE lines (\"id\" INTEGER PRIMARY KEY, \"tId\" INTEGER REFERENCES t (id), \"sku\" TEXT);
        CREATE TABLE notes (t_no TEXT REFERENCES t (\"orderNo\"), text TEXT)";
    let sample =
        r#"{"order_no": "A1", "created": "2024-05-01T08:15:00Z", "lines": [{"sku": "x"}]}"#;
    let (lab, ended) = told(schema, sample, &[]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let guessed = "guessed createdAt = \"/created\", updatedAt = @published;";
    assert!(ended.stderr.contains(guessed), "{}", ended.stderr);
    let unused = "unused  notes refers to t, but its foreign key names `orderNo`, not the id";
    assert!(ended.stderr.contains(unused), "{}", ended.stderr);
    let config = lab.read("pipeline.toml");
    assert!(
        config.contains("\nparent = \"tId\"") && config.contains("\nsku = \"/sku\""),
        "{config}"
    );
    lab.tests_pass(&["--set", "sink.sqlite.path=t.db", "--database"]);
}

#[test]
fn a_column_that_needs_a_value_and_gets_none_is_named_in_the_file_and_on_the_terminal() {
    let schema = "CREATE TABLE t (id INTEGER PRIMARY KEY, uid TEXT UNIQUE, tenant TEXT NOT NULL)";
    let (lab, ended) = told(schema, r#"{"uid": "a", "note": "b"}"#, &[]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stderr.contains("missing t.tenant (TEXT) must have a value"), "{}", ended.stderr);
    assert!(ended.stderr.contains("without a column, not stored: /note"), "{}", ended.stderr);
    let config = lab.read("pipeline.toml");
    let line = config.lines().find(|line| line.starts_with("# tenant = \"/\""));
    assert!(line.is_some_and(|line| line.contains("name the member that fills it")), "{config}");
    lab.validate();
}

#[test]
fn a_unique_column_of_the_table_can_hold_the_digest_of_a_message() {
    let schema = "CREATE TABLE t (id INTEGER PRIMARY KEY, seen TEXT NOT NULL UNIQUE, note TEXT)";
    let (lab, ended) = told(schema, r#"{"note": "b"}"#, &["--key", "@digest"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let config = lab.read("pipeline.toml");
    assert!(
        config.contains("\nkey = \"seen\"") && config.contains("\nseen = \"@digest\""),
        "{config}"
    );
    lab.tests_pass(&[]);
}
