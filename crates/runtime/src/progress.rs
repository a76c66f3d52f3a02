//! How far the input has been read, shown on a terminal only.

use std::io::{self, Write};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use l0_engine::SourceSlot;
use l0_stage::observe::Progress;
use tokio::task::JoinHandle;

/// Draws to standard error if that is a terminal, otherwise nowhere.
static BARS: LazyLock<MultiProgress> = LazyLock::new(MultiProgress::new);

const TICK: Duration = Duration::from_millis(200);
const KNOWN: &str =
    "{bar:30} {percent}% of {binary_total_bytes}, {binary_bytes_per_sec}, {eta} left";
const UNKNOWN: &str = "{spinner} {binary_bytes}, {binary_bytes_per_sec}";

/// A writer to standard error that hides the progress bar while it writes a line. A line that
/// cannot be written is dropped, because the end of a log reader must not end the pipeline.
pub struct AboveBars;

impl Write for AboveBars {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        BARS.suspend(|| io::stderr().lock().write(line)).or(Ok(line.len()))
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush().or(Ok(()))
    }
}

/// A progress bar that disappears when this value is dropped.
pub struct Shown {
    bar: ProgressBar,
    task: JoinHandle<()>,
}

/// Shows how much of its input the source has read, once it is connected. Shows nothing if the
/// source does not know.
pub fn show(source: &SourceSlot) -> Option<Shown> {
    if BARS.is_hidden() {
        return None;
    }
    let bar = BARS.add(ProgressBar::no_length());
    let task = tokio::spawn(follow(Arc::clone(source), bar.clone()));
    Some(Shown { bar, task })
}

impl Drop for Shown {
    fn drop(&mut self) {
        self.task.abort();
        self.bar.finish_and_clear();
    }
}

async fn follow(source: SourceSlot, bar: ProgressBar) {
    let mut ticks = tokio::time::interval(TICK);
    let mut styled = false;
    loop {
        ticks.tick().await;
        let Some(source) = source.get() else { continue };
        let Some(Progress { done, total }) = source.progress() else { return };
        if !styled {
            let template = if total.is_some() { KNOWN } else { UNKNOWN };
            bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| bar.style()));
            styled = true;
        }
        if let Some(total) = total {
            bar.set_length(total);
        }
        bar.set_position(done);
        bar.tick();
    }
}
