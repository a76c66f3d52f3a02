use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use l0_config::{Inputs, Report};
use serde_json::Value;
use tempfile::TempDir;

/// The repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A text of the repository.
pub fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// Compares a text with a file of the repository. With `L0_BLESS` set it renews the file instead.
pub fn assert_text(path: &str, text: &str) {
    let file = root().join(path);
    if std::env::var_os("L0_BLESS").is_some() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
        return;
    }
    let kept = fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(kept, text, "{path} is another; read the difference, and renew it with L0_BLESS=1");
}

/// A folder with the shipped pipeline and the files it refers to, as after `cp .env.example .env`.
pub struct Folder(TempDir);

/// How a command ended.
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Folder {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for file in ["pipeline.toml", "schemas/order.schema.json", "schemas/order.sample.json"] {
            put(&folder.path().join(file), &read(file));
        }
        put(&folder.path().join("static/index.html"), "<!doctype html>");
        put(&folder.path().join("sql/postgres/0001.sql"), "SELECT 1;");
        put(&folder.path().join(".env"), &read(".env.example"));
        Self(folder)
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn write(&self, file: &str, text: &str) {
        put(&self.path().join(file), text);
    }

    /// Replaces a text that must be there.
    pub fn replace(&self, file: &str, old: &str, new: &str) {
        let text = fs::read_to_string(self.path().join(file)).unwrap();
        assert!(text.contains(old), "no `{old}` in {file}");
        self.write(file, &text.replace(old, new));
    }

    /// Runs the binary with only `PATH` in its environment.
    pub fn run(&self, args: &[&str]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_l0-runtime"));
        command.args(args).current_dir(self.path()).stdin(Stdio::null()).env_clear();
        command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        let output = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ran {
            code: output.status.code().unwrap(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// The envelope of a command, which must be everything that it writes to standard output.
    pub fn envelope(&self, args: &[&str]) -> (i32, Value) {
        let Ran { code, stdout, .. } = self.run(&[&["--json"], args].concat());
        (code, serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error}: {stdout}")))
    }

    pub fn inputs(&self) -> Inputs {
        Inputs { file: self.path().join("pipeline.toml"), ..Inputs::default() }
    }

    /// The findings of `validate`, computed in this process.
    pub fn check(&self, inputs: Inputs) -> Result<l0_engine::Pipeline, Report> {
        l0_runtime::check(inputs, &l0_runtime::registry())
    }

    /// A text as a user in the folder sees it.
    pub fn relative(&self, text: &str) -> String {
        text.replace(&format!("{}/", self.path().display()), "")
    }
}

fn put(file: &Path, text: &str) {
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}
