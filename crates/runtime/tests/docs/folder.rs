use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use l0_testkit::{Launch, NatsServer, Port, Postgres, Runtime};
use tempfile::TempDir;

use crate::page::{read, root};

const COPIED: [&str; 6] = ["pipeline.toml", ".env.example", "schemas", "sql", "static", "examples"];

/// A fresh copy of the files that the texts mention, with a shell in it.
///
/// Its ports differ from those in the texts. curl and l0-runtime are led there by their settings.
pub struct Folder {
    folder: TempDir,
    services: Option<(NatsServer, Postgres)>,
    pub page: Port,
    pub ingest: Port,
}

impl Folder {
    pub async fn new(with_services: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        COPIED.iter().for_each(|path| copy(&root().join(path), &folder.path().join(path)));
        let services = async { tokio::join!(NatsServer::start(), Postgres::start()) };
        let services = if with_services { Some(services.await) } else { None };
        let it = Self { folder, services, page: Port::free(), ingest: Port::free() };
        it.prepare();
        it
    }

    fn prepare(&self) {
        let path = self.folder.path();
        fs::create_dir_all(path.join("target/debug")).unwrap();
        symlink(env!("CARGO_BIN_EXE_l0-runtime"), path.join("target/debug/l0-runtime")).unwrap();
        // As `make up` leaves it.
        fs::write(path.join(".env"), read(".env.example")).unwrap();
        let ports = [(8080, &self.page), (8090, &self.ingest)];
        let line = |(shown, port): (u16, &Port)| {
            let number = port.number();
            format!("connect-to = \"127.0.0.1:{shown}:127.0.0.1:{number}\"\n")
        };
        let quiet = "silent\nshow-error\nfail-with-body\n".to_owned();
        let settings = ports.into_iter().map(line).fold(quiet, |all, line| all + &line);
        fs::write(path.join(".curlrc"), settings).unwrap();
        self.move_listeners();
        self.write_inputs();
    }

    /// Gives ports of our own to the examples that name a port.
    fn move_listeners(&self) {
        for entry in fs::read_dir(self.folder.path().join("examples")).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let text = fs::read_to_string(&path).unwrap();
                let text = text.replace(":8080", &format!(":{}", self.page.number()));
                fs::write(path, text.replace(":8090", &format!(":{}", self.ingest.number())))
                    .unwrap();
            }
        }
    }

    /// Files that a reader would have: an order, and lines of orders.
    fn write_inputs(&self) {
        let sample: serde_json::Value =
            serde_json::from_str(&read("schemas/order.sample.json")).unwrap();
        let order = |key: &str| {
            let mut order = sample.clone();
            order["track_number"] = key.into();
            order.to_string()
        };
        let write = |name: &str, text: String| fs::write(self.folder.path().join(name), text);
        write("order.json", order("one")).unwrap();
        write("orders.jsonl", format!("{}\n{}\n", order("two"), order("three"))).unwrap();
    }

    /// A shell that runs this. Both outputs are one, as in a terminal.
    pub fn shell(&self, command: &str) -> Launch {
        let path = self.folder.path();
        let binary = Path::new(env!("CARGO_BIN_EXE_l0-runtime")).parent().unwrap();
        let tools = std::env::var("PATH").unwrap();
        let script = format!("set -o pipefail\nexec 2>&1\n{command}\n");
        let shell = Runtime::launch("/bin/bash").args(["-c", &script]).current_dir(path);
        let shell = shell.env("HOME", path).env("CURL_HOME", path);
        let shell = shell.env("PATH", format!("{}:{tools}", binary.display()));
        self.variables(command).into_iter().fold(shell, |it, (name, value)| it.env(name, value))
    }

    /// The printed text, with the addresses of the texts.
    pub fn told(&self, printed: &str) -> String {
        let nats = self.services.as_ref().map(|(nats, _)| nats.port());
        let own = [
            ("127.0.0.1", Some(self.page.number()), 8080),
            ("127.0.0.1", Some(self.ingest.number()), 8090),
            ("localhost", nats, 4222),
        ];
        own.into_iter().fold(printed.to_owned(), |printed, (host, port, shown)| match port {
            Some(port) => printed.replace(&format!("{host}:{port}"), &format!("{host}:{shown}")),
            None => printed,
        })
    }

    /// The variables that lead a command to the ports here. A command that only reads the pipeline
    /// shows the ports of the text.
    fn variables(&self, command: &str) -> Vec<(&'static str, String)> {
        let has = |verb: &str| command.split_whitespace().any(|word| word == verb);
        let address = |port: &Port| format!("127.0.0.1:{}", port.number());
        if has("demo") || has("--demo") {
            return vec![
                ("L0_QUERY__HTTP__LISTEN", address(&self.page)),
                ("L0_SOURCE__HTTP__LISTEN", address(&self.ingest)),
            ];
        }
        let reaches_out = ["migrate", "run", "produce", "dlq", "doctor", "--database"]
            .iter()
            .any(|verb| has(verb));
        let Some((nats, postgres)) = self.services.as_ref().filter(|_| reaches_out) else {
            return vec![];
        };
        vec![
            ("FRONTEND_PORT", self.page.number().to_string()),
            ("NATS_PORT", nats.port().to_string()),
            ("PG_HOST", Postgres::HOST.to_owned()),
            ("PG_PORT", postgres.port().to_string()),
            ("PG_DATABASE", Postgres::DATABASE.to_owned()),
            ("PG_USER_ADMIN", Postgres::USER.to_owned()),
            ("PG_PASSWORD_ADMIN", Postgres::PASSWORD.to_owned()),
        ]
    }
}

fn copy(from: &Path, to: &Path) {
    if from.is_file() {
        fs::copy(from, to).unwrap();
        return;
    }
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        copy(&entry.path(), &to.join(entry.file_name()));
    }
}
