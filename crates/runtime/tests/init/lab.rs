//! A folder in which `init` writes, and the binary that runs in it.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use l0_testkit::{Launch, Runtime};
use rusqlite::Connection;
use tempfile::TempDir;

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub stderr: String,
    pub stdout: String,
}

pub struct Lab(TempDir);

impl Lab {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn folder(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file of messages.
    pub fn sample(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// The text of a file that was written.
    pub fn read(&self, path: &str) -> String {
        let file = self.folder().join(path);
        std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Runs the binary in this folder, without a terminal.
    pub fn end(&self, arguments: &[&str]) -> Ended {
        self.end_of("", arguments)
    }

    /// The same with a text on its standard input.
    pub fn end_of(&self, input: &str, arguments: &[&str]) -> Ended {
        let mut command = Command::new(env!("CARGO_BIN_EXE_l0-runtime"));
        command.args(arguments).current_dir(self.folder()).env_clear();
        // Port 0 is a free one.
        command.env("FRONTEND_PORT", "0").env("OBSERVE_PORT", "0");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut running = command.spawn().unwrap();
        // A command that does not read may have ended.
        let _ = running.stdin.take().unwrap().write_all(input.as_bytes());
        let output = running.wait_with_output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (stderr, stdout) = (text(&output.stderr), text(&output.stdout));
        Ended { code: output.status.code(), stderr, stdout }
    }

    /// Like [`Lab::end`], for a command that must succeed.
    pub fn done(&self, arguments: &[&str]) -> Ended {
        let ended = self.end(arguments);
        assert_eq!(ended.code, Some(0), "{arguments:?}: {}", ended.stderr);
        ended
    }

    /// The binary in this folder with the variables of the example environment, ready to run.
    pub fn launch(&self, arguments: &[&str]) -> Launch {
        let launch = Runtime::launch(env!("CARGO_BIN_EXE_l0-runtime"));
        launch.args(arguments).current_dir(self.folder())
    }

    /// Runs `validate` with the example environment that `init` wrote.
    pub fn validate(&self) {
        self.done(&["validate", "--env-file", ".env.example"]);
    }

    /// Runs `test` with the example environment that `init` wrote.
    pub fn tests_pass(&self, arguments: &[&str]) {
        let test = ["test", "--env-file", ".env.example"];
        let ended = self.end(&[&test, arguments].concat());
        assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
        assert!(ended.stdout.contains("test the sample is stored ... ok\n"), "{}", ended.stdout);
    }

    /// A database in memory with the migrations of `sql/sqlite`.
    pub fn migrated_sqlite(&self) -> Connection {
        let store = Connection::open_in_memory().unwrap();
        let folder = self.folder().join("sql/sqlite");
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        for file in files.collect::<BTreeSet<_>>() {
            let sql = std::fs::read_to_string(&file).unwrap();
            let done = store.execute_batch(&sql);
            done.unwrap_or_else(|error| panic!("{error} in\n{sql}"));
        }
        store
    }
}

/// Names of the variables that a configuration refers to.
pub fn references(config: &str) -> BTreeSet<&str> {
    let lines = config.lines().filter(|line| !line.starts_with('#'));
    let after = lines.flat_map(|line| line.split("${").skip(1));
    after.filter_map(|after| after.split([':', '}']).next()).collect()
}

/// Names of the variables that a file of an environment sets.
pub fn variables(environment: &str) -> BTreeSet<&str> {
    let lines = environment.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| Some(line.split_once('=')?.0)).collect()
}
