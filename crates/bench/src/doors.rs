//! How long a good client waits while attackers attack both listeners.

use std::path::Path;
use std::time::{Duration, Instant};

use l0_testkit::Runtime;
use l0_testkit::attack::{Attack, Doors, Good, Kind, TOKEN};
use tokio::time::sleep;

use crate::ready::{address, ingest_address};
use crate::sample::Served;
use crate::stack::PATIENCE;

/// Time between two rounds of the good client.
const PAUSE: Duration = Duration::from_millis(50);

/// After this time, every connection of an attack has begun.
const BEGUN: Duration = Duration::from_secs(6);

/// Measures the answers of a separate demo for this long, while these attacks run.
pub async fn measure(binary: &Path, kinds: &[Kind], window: Duration) -> anyhow::Result<Served> {
    let folder = tempfile::tempdir()?;
    let demo = start(binary, &folder.path().join("data.db"));
    let doors = Doors { page: address(&demo).await?, ingest: ingest_address(&demo).await? };
    let mut good = Good::new(doors, PATIENCE);
    good.posts_a_large_one().await;
    let attack = Attack::begin(doors, kinds);
    if kinds.len() == Kind::ALL.len() {
        attack.fills(doors.page).await;
    } else if !kinds.is_empty() {
        sleep(BEGUN).await;
    }
    good.answers();
    let begin = Instant::now();
    while begin.elapsed() < window {
        good.asks().await;
        sleep(PAUSE).await;
    }
    drop(attack);
    demo.int();
    demo.wait(PATIENCE).await;
    Ok(Served::of(&good.answers()))
}

fn start(binary: &Path, file: &Path) -> Runtime {
    let data = ["--data".into(), file.to_owned()];
    let set = ["source.http.token", "query.http.token"].map(|key| format!("{key}={TOKEN}"));
    let launch = Runtime::launch(binary).args([
        "demo",
        "--listen",
        "127.0.0.1:0",
        "--ingest",
        "127.0.0.1:0",
    ]);
    launch.args(data).args(set.iter().flat_map(|set| ["--set", set])).start()
}
