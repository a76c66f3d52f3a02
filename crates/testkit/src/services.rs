use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};

use crate::programs::in_path;

/// Returns from the test, with a printed line, if nats-server, Postgres or PgBouncer is not
/// installed.
///
/// With `CI=true` it panics instead: a test that silently does nothing proves nothing.
#[macro_export]
macro_rules! require_services {
    () => {
        if !$crate::services_available(::std::module_path!()) {
            return;
        }
    };
}

/// Whether the services can be started here; use [`require_services!`](crate::require_services).
///
/// # Panics
/// When they cannot and `CI=true`.
#[must_use]
pub fn available(test: &str) -> bool {
    let Err(error) =
        nats_server().and_then(|_| postgres_binary("postgres")).and_then(|_| pgbouncer())
    else {
        return true;
    };
    assert!(env::var_os("CI").is_none_or(|ci| ci != "true"), "{error:#}");
    // The print macros would be captured, and shown only for a failing test.
    let _ = writeln!(std::io::stderr(), "SKIPPED a test of {test}: {error:#}");
    false
}

pub(crate) fn nats_server() -> anyhow::Result<PathBuf> {
    if let Some(path) = env::var_os("L0_NATS_SERVER") {
        return Ok(path.into());
    }
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.local/tools/bin/nats-server");
    in_path("nats-server")
        .or_else(|| tools.is_file().then_some(tools))
        .context("nats-server not found: run scripts/tools.sh")
}

/// A program of the Postgres server: the one in `PATH`, otherwise that of the newest Debian
/// package.
pub(crate) fn postgres_binary(name: &str) -> anyhow::Result<PathBuf> {
    in_path("postgres")
        // `PATH` may contain only a link. The other programs are in the folder of its target.
        .and_then(|server| Some(server.canonicalize().ok()?.parent()?.join(name)))
        .or_else(|| Some(newest_debian_postgres()?.join("bin").join(name)))
        .filter(|path| path.is_file())
        .ok_or_else(|| anyhow!("{name} of Postgres not found: run scripts/tools.sh"))
}

pub(crate) fn pgbouncer() -> anyhow::Result<PathBuf> {
    let debian = Path::new("/usr/sbin/pgbouncer");
    in_path("pgbouncer")
        .or_else(|| debian.is_file().then(|| debian.to_owned()))
        .context("pgbouncer not found: run scripts/tools.sh --pooler")
}

fn newest_debian_postgres() -> Option<PathBuf> {
    let version = |path: &PathBuf| path.file_name().and_then(OsStr::to_str)?.parse::<u32>().ok();
    let installed = fs::read_dir("/usr/lib/postgresql").ok()?.flatten().map(|entry| entry.path());
    installed.filter(|path| path.join("bin/postgres").is_file()).max_by_key(version)
}
