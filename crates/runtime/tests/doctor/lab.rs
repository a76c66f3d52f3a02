use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_nats::jetstream;
use l0_testkit::{Launch, NatsServer, Postgres, Runtime};
use serde_json::Value;
use sqlx::AssertSqlSafe;
use tempfile::TempDir;

/// `doctor` gives up after at most a minute if services do not answer.
pub const SOON: Duration = Duration::from_secs(100);

/// All secrets of these tests begin like this.
pub const CANARY: &str = "canary-7c1f";

/// The repository.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A copy of the shipped pipeline, and its services.
pub struct Lab {
    pub nats: NatsServer,
    pub postgres: Postgres,
    pub folder: Folder,
}

impl Lab {
    /// A lab whose services are started and migrated.
    pub async fn start() -> Self {
        Self::with_nats("").await
    }

    /// The same, with a configuration of nats-server.
    pub async fn with_nats(text: &str) -> Self {
        let (nats, postgres) = tokio::join!(NatsServer::with_config(text), Postgres::start());
        let mut folder = Folder::new();
        folder.set("PG_PORT", postgres.port().to_string());
        folder.set("NATS_PORT", nats.port().to_string());
        let lab = Self { nats, postgres, folder };
        let (status, output) = lab.folder.launch(&["migrate"]).run(SOON).await;
        assert!(status.success(), "{}", output.stderr);
        lab
    }

    pub async fn doctor(&self) -> Diagnosis {
        self.folder.doctor().await
    }

    /// Runs SQL as the superuser of the database.
    pub async fn sql(&self, sql: &str) {
        let mut admin = self.postgres.admin().await;
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut admin).await.unwrap();
    }

    pub async fn jetstream(&self) -> jetstream::Context {
        jetstream::new(async_nats::connect(self.nats.url()).await.unwrap())
    }

    /// Creates what an instance leaves behind: the stream and the durable.
    pub async fn produce(&self) {
        let (status, output) = self.folder.launch(&["produce"]).run(SOON).await;
        assert!(status.success(), "{}", output.stderr);
    }
}

/// A folder with a pipeline and the variables that it is started with.
pub struct Folder {
    folder: TempDir,
    variables: BTreeMap<&'static str, String>,
}

impl Folder {
    /// A folder with the shipped pipeline.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let files = [
            "pipeline.toml",
            "schemas/order.schema.json",
            "schemas/order.sample.json",
            "static/index.html",
            "sql/postgres/0001_dead_letters.sql",
            "sql/postgres/0002_orders.sql",
            "sql/sqlite/0001_orders.sql",
            "sql/sqlite/0002_dead_letters.sql",
        ];
        for file in files {
            put(&folder.path().join(file), &fs::read_to_string(root().join(file)).unwrap());
        }
        let variables = BTreeMap::from([
            ("NATS_HOST", "127.0.0.1".to_owned()),
            ("PG_HOST", Postgres::HOST.to_owned()),
            ("PG_DATABASE", Postgres::DATABASE.to_owned()),
            ("PG_USER_ADMIN", Postgres::USER.to_owned()),
            ("PG_PASSWORD_ADMIN", Postgres::PASSWORD.to_owned()),
            ("PG_PASSWORD_WORKER", format!("{CANARY}-worker")),
            ("PG_PASSWORD_NS", format!("{CANARY}-ns")),
            ("FRONTEND_PORT", "0".to_owned()),
        ]);
        Self { folder, variables }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn set(&mut self, name: &'static str, value: impl Into<String>) {
        self.variables.insert(name, value.into());
    }

    pub fn write(&self, file: &str, text: &str) {
        put(&self.path().join(file), text);
    }

    /// Replaces a text that must be there.
    pub fn replace(&self, old: &str, new: &str) {
        let file = self.path().join("pipeline.toml");
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.contains(old), "no `{old}`");
        fs::write(file, text.replace(old, new)).unwrap();
    }

    /// The number of the line that begins like this.
    pub fn line(&self, beginning: &str) -> usize {
        let text = fs::read_to_string(self.path().join("pipeline.toml")).unwrap();
        let at = text.lines().position(|line| line.starts_with(beginning));
        at.unwrap_or_else(|| panic!("no line `{beginning}`")) + 1
    }

    pub fn launch(&self, args: &[&str]) -> Launch {
        let launch = Runtime::launch(env!("CARGO_BIN_EXE_l0-runtime"));
        let launch = launch.args(args.iter().copied()).current_dir(self.path());
        self.variables.iter().fold(launch, |launch, (name, value)| launch.env(name, value))
    }

    /// What `doctor --json` says.
    pub async fn doctor(&self) -> Diagnosis {
        Self::diagnosis(self.launch(&["doctor", "--json"])).await
    }

    /// The same for a process that is subject to file permissions.
    pub async fn powerless_doctor(&self) -> Diagnosis {
        Self::diagnosis(self.launch(&["doctor", "--json"]).powerless()).await
    }

    async fn diagnosis(doctor: Launch) -> Diagnosis {
        let (status, output) = doctor.run(SOON).await;
        let said = format!("{}{}", output.stdout, output.stderr);
        assert!(!said.contains(CANARY), "{said}");
        let envelope = serde_json::from_str(&output.stdout);
        let envelope = envelope.unwrap_or_else(|error| panic!("{error}: {said}"));
        Diagnosis { code: status.code().unwrap(), envelope }
    }

    /// What `doctor` says to a person: its exit code, its report, and its last line.
    pub async fn report(&self, args: &[&str]) -> (i32, String, String) {
        let (status, output) = self.launch(&[&["doctor"], args].concat()).run(SOON).await;
        (status.code().unwrap(), output.stdout, output.stderr)
    }
}

fn put(file: &Path, text: &str) {
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

/// What `doctor --json` said.
#[derive(Debug)]
pub struct Diagnosis {
    pub code: i32,
    pub envelope: Value,
}

impl Diagnosis {
    /// All checks.
    pub fn checks(&self) -> &[Value] {
        self.envelope["result"]["checks"].as_array().unwrap()
    }

    /// The checks that are not fine, as `state section name`.
    pub fn complaints(&self) -> Vec<String> {
        let wrong = self.checks().iter().filter(|check| check["state"] != "fine");
        let text = |check: &Value, key: &str| check[key].as_str().unwrap().to_owned();
        wrong.map(|it| ["state", "section", "name"].map(|key| text(it, key)).join(" ")).collect()
    }

    /// Each complaint as `name: message`, with its help.
    pub fn complaints_with_help(&self) -> impl Iterator<Item = (String, String)> {
        let wrong = self.checks().iter().filter(|check| check["state"] != "fine");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        wrong.map(move |it| {
            let (name, message) = (text(&it["name"]), text(&it["message"]));
            (format!("{name}: {message}"), text(&it["finding"]["help"]))
        })
    }

    /// The only complaint: its name, message, line and help.
    pub fn only(&self) -> Complaint {
        let wrong: Vec<_> = self.checks().iter().filter(|check| check["state"] != "fine").collect();
        let [check] = wrong.as_slice() else { panic!("{wrong:#?}") };
        let finding = &check["finding"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Complaint {
            what: self.complaints().remove(0),
            message: text(&check["message"]),
            line: finding["line"].as_u64().map(|line| usize::try_from(line).unwrap()),
            help: text(&finding["help"]),
        }
    }
}

#[derive(Debug)]
pub struct Complaint {
    pub what: String,
    pub message: String,
    pub line: Option<usize>,
    pub help: String,
}

impl Complaint {
    /// Checks the name and the line of the complaint, and that its texts contain these words.
    pub fn assert(&self, what: &str, line: usize, message: &str, help: &str) {
        assert_eq!((self.what.as_str(), self.line), (what, Some(line)), "{self:?}");
        assert!(self.message.contains(message), "{self:?}");
        assert!(self.help.contains(help), "{self:?}");
    }
}
