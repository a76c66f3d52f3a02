//! Suites whose stage works in a process of its own, which is killed: the test binary itself, started again for
//! one of its tests.

use std::env;
use std::future::Future;
use std::io::Write as _;
use std::time::Duration;

use crate::Runtime;

use super::PATIENCE;

/// Holds what the suites are to be told of a store by, in the process that will be killed.
const ADDRESS: &str = "L0_CONFORMANCE_ADDRESS";
const LIFE: &str = "L0_CONFORMANCE_LIFE";

/// What the process prints before it connects.
const BEGUN: &str = "life has begun";
/// What it prints when a step is done, before the step's number.
const DONE: &str = "done with step ";

/// How often the process is killed.
pub const KILLS: usize = 10;

/// A lab whose store another process can reach.
pub trait Attach: Sized {
    /// Where the store is: a folder, a port.
    fn address(&self) -> String;

    /// The lab on the store at this address, which belongs to another process.
    fn attach(address: &str) -> impl Future<Output = Self>;
}

/// One of the processes that are killed one after another.
pub(super) struct Life<L> {
    pub lab: L,
    /// Counts from 0.
    pub number: usize,
}

impl<L: Attach> Life<L> {
    /// Of this process, if it is one that will be killed.
    pub async fn of_this_process() -> Option<Self> {
        let address = env::var(ADDRESS).ok()?;
        let number = env::var(LIFE).ok()?.parse().ok()?;
        say(BEGUN);
        Some(Self { lab: L::attach(&address).await, number })
    }
}

/// Tells the process that kills: from here on what this step did must outlive the kill.
pub(super) fn done_with(step: usize) {
    say(&format!("{DONE}{step}"));
}

/// Prints a line that the test harness does not capture, so that the killing process reads it.
pub(super) fn say(line: &str) {
    writeln!(std::io::stdout(), "{line}").expect("the process that kills reads it");
}

/// Lives a life and kills it at a random instant; returns how many steps were done, and what it printed.
///
/// `module` and `test` name the test that is running, so that the test binary can run it again.
pub(super) async fn live_and_die(
    lab: &impl Attach,
    module: &str,
    test: &str,
    life: usize,
) -> (usize, String) {
    let binary = env::current_exe().expect("the path of the test binary");
    let within_the_crate = module.split_once("::").map(|(_, path)| format!("{path}::"));
    let name = within_the_crate.unwrap_or_default() + test;
    let process = Runtime::launch(binary)
        .args([&name, "--exact", "--nocapture", "--test-threads=1"])
        .env(ADDRESS, lab.address())
        .env(LIFE, life.to_string())
        .start();
    let awaited = match fastrand::usize(..4) {
        0 => BEGUN.to_owned(),
        steps => format!("{DONE}{}", steps * 2),
    };
    process.wait_for_log(&awaited, PATIENCE).await;
    tokio::time::sleep(Duration::from_micros(fastrand::u64(..5_000))).await;
    process.kill().await;
    let output = process.output().stdout;
    (printed(&output, DONE).count(), output)
}

/// What stands behind these words, line by line.
pub(super) fn printed<'a>(output: &'a str, words: &'a str) -> impl Iterator<Item = &'a str> {
    output.lines().filter_map(move |line| Some(line.split_once(words)?.1))
}

/// Writes behaviours out as tests that kill a process; the suites' own macros call it.
#[doc(hidden)]
#[macro_export]
macro_rules! killing_tests {
    ($lab:ty, $role:ident, $suite:ident, $($behaviour:ident)*) => { $(
        #[::tokio::test]
        async fn $behaviour() {
            if <$lab as $crate::conformance::$role>::is_available() {
                let module = ::std::module_path!();
                $crate::conformance::$suite::$behaviour::<$lab>(module).await;
            }
        }
    )* };
}
