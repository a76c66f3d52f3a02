use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use anyhow::{Context, ensure};
use tempfile::TempDir;

use super::{Postgres, as_server_user, server_user, succeed};
use crate::{process, services};

/// Name of the data folder below a server's folder.
pub(super) const DATA: &str = "data";

/// A folder with fresh data. It is a copy, because `initdb` takes a second.
pub(super) fn copy() -> anyhow::Result<TempDir> {
    let folder = server_folder(&std::env::temp_dir())?;
    let template = template()?.join(DATA);
    let mut copy = process::command("cp", server_user())?;
    copy.args(["-a", "--reflink=auto", "--"]).arg(template).arg(folder.path());
    succeed(copy)?;
    Ok(folder)
}

/// Created once per machine and version. All test binaries share it.
fn template() -> anyhow::Result<PathBuf> {
    static ONCE: OnceLock<PathBuf> = OnceLock::new();
    if let Some(path) = ONCE.get() {
        return Ok(path.clone());
    }
    let name = format!("l0-testkit-{}-{}", version()?, server_uid()?);
    let path = std::env::temp_dir().join(&name);
    let lock = File::create(path.with_file_name(name + ".lock"))?;
    lock.lock()?;
    if !path.exists() {
        make(&path).context("cannot make a template of postgres' data")?;
    }
    let owner = fs::metadata(&path)?.uid();
    ensure!(owner == server_uid()?, "{} belongs to another user", path.display());
    Ok(ONCE.get_or_init(|| path).clone())
}

fn make(path: &Path) -> anyhow::Result<()> {
    let folder = server_folder(&std::env::temp_dir())?;
    let data = folder.path().join(DATA);
    initdb(folder.path(), &data)?;
    create_database(&data)?;
    // Renamed as a whole when it is complete, so that no other process finds a part of it.
    fs::rename(folder.keep(), path)?;
    Ok(())
}

fn initdb(folder: &Path, data: &Path) -> anyhow::Result<()> {
    let password = folder.join("password");
    fs::write(&password, Postgres::PASSWORD)?;
    let mut initdb = as_server_user("initdb")?;
    initdb.arg("-D").arg(data).args(["--username", Postgres::USER]).arg("--pwfile").arg(&password);
    initdb.args(["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]);
    succeed(initdb)?;
    Ok(fs::remove_file(password)?)
}

/// Runs SQL in a server without network, over its standard input.
fn create_database(data: &Path) -> anyhow::Result<()> {
    let mut single = as_server_user("postgres")?;
    single.args(["--single", "-F", "-D"]).arg(data).arg("postgres");
    single.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = single.spawn().context("cannot run postgres --single")?;
    if let Some(mut sql) = child.stdin.take() {
        writeln!(sql, "CREATE DATABASE {}", Postgres::DATABASE)?;
    }
    let output = child.wait_with_output()?;
    let message = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "postgres --single: {message}");
    Ok(())
}

/// Writes a file of the data folder that only the server's user may read.
pub(super) fn write_private(folder: &TempDir, name: &str, text: &str) -> anyhow::Result<()> {
    let path = folder.path().join(DATA).join(name);
    fs::write(&path, text)?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
    Ok(chown(&path, Some(server_uid()?), None)?)
}

/// A temporary folder that the server's user owns.
pub(super) fn server_folder(parent: &Path) -> anyhow::Result<TempDir> {
    let folder = tempfile::Builder::new().prefix("l0-postgres-").tempdir_in(parent)?;
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700))?;
    if server_user().is_some() {
        chown(folder.path(), Some(server_uid()?), None)?;
    }
    Ok(folder)
}

fn server_uid() -> anyhow::Result<u32> {
    let Some(user) = server_user() else { return Ok(rustix::process::getuid().as_raw()) };
    let output = Command::new("id").args(["-u", user]).output().context("cannot run id")?;
    let id = String::from_utf8_lossy(&output.stdout);
    id.trim().parse().with_context(|| format!("no user `{user}` to run the server as"))
}

/// For example `postgres-15.18`.
fn version() -> anyhow::Result<String> {
    let binary = services::postgres_binary("postgres")?;
    let output = Command::new(binary).arg("--version").output().context("cannot run postgres")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let number = text.split_whitespace().nth(2).context("postgres does not tell its version")?;
    Ok(format!("postgres-{number}"))
}
