//! Requests for documents by id, and for lists.

mod bare;
mod lists;
mod load;
mod pgbench;
mod shelf;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use l0_testkit::Runtime;

pub use self::bare::{Bare, serve};
pub use self::lists::lists;
use self::load::{Load, Served};
pub use self::pgbench::Pgbench;
pub use self::shelf::fill;
use crate::cpu;
use crate::ready::{address, until_ready};
use crate::sample::Requested;
use crate::stack::Stack;

/// After this time connections are open and code is hot.
const WARM_UP: Duration = Duration::from_millis(500);

/// Requests one document again and again, with the shipped configuration.
pub async fn hits(stack: &Stack, binary: &Path, window: Duration) -> anyhow::Result<Requested> {
    let (hot, _) = shelf::one(stack).await?;
    let runtime = stack.command(binary).args(["run"]).start();
    until_ready(&runtime).await?;
    answers(stack, &runtime, binary, [hot].into(), window).await
}

/// Requests random documents, without a cache.
pub async fn misses(stack: &Stack, binary: &Path, window: Duration) -> anyhow::Result<Requested> {
    let ids = shelf::ids(stack).await?;
    let runtime = stack.command(binary).args(["run", "--set", "query.http.cache_size=0"]).start();
    until_ready(&runtime).await?;
    answers(stack, &runtime, binary, ids, window).await
}

/// Requests the same document from a server that does nothing else.
pub async fn bare(stack: &Stack, bare: Bare, window: Duration) -> anyhow::Result<Requested> {
    let (hot, document) = shelf::one(stack).await?;
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(&file, document)?;
    let binary = std::env::current_exe()?;
    let kind = clap::ValueEnum::to_possible_value(&bare).unwrap_or_default();
    let arguments = ["serve".as_ref(), kind.get_name().as_ref(), file.path().as_os_str()];
    let server = Runtime::launch(&binary).args(arguments).start();
    answers(stack, &server, &binary, [hot].into(), window).await
}

async fn answers(
    stack: &Stack,
    server: &Runtime,
    binary: &Path,
    ids: Arc<[i64]>,
    window: Duration,
) -> anyhow::Result<Requested> {
    let load = Load { server: address(server).await?, ids };
    load.run(WARM_UP).await?;
    let pid = cpu::child(binary)?;
    let (services, own) = (stack.service_time()?, cpu::of(pid)?);
    let Served { requests, elapsed } = load.run(window).await?;
    let server_time = cpu::of(pid)? - own;
    let requests = f64::from(requests);
    Ok(Requested {
        rate: requests / elapsed.as_secs_f64(),
        server: Some(server_time / requests),
        postgres: stack.postgres_time(services)? / requests,
    })
}
