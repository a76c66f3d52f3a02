//! The bars of the chart.

use l0_observe::History;

/// How far back the instance's history goes, in seconds.
const HISTORY_SECS: usize = 300;
/// Bars are whole numbers: a mean times this keeps three decimal places.
const SCALE: u64 = 1000;

/// What a sparkline draws.
pub struct Bars {
    /// Seconds of one bar.
    pub step: usize,
    /// The newest first.
    pub heights: Vec<u64>,
    /// The largest mean per second.
    pub peak: f64,
}

/// Documents per second, in as many bars as fit. A bar keeps its seconds until it leaves the chart.
/// So a complete bar does not change when the history gets one more second.
#[expect(clippy::cast_precision_loss, reason = "shown with three digits")]
pub fn bars(history: &History, width: usize) -> Bars {
    let step = HISTORY_SECS.div_ceil(width.max(1));
    let end = usize::try_from(history.end.0.unix_timestamp()).unwrap_or(0);
    let seconds: Vec<u64> = history.stored.iter().rev().copied().collect();
    let (begun, complete) = seconds.split_at((end % step + 1).min(seconds.len()));
    let bars = std::iter::once(begun).chain(complete.chunks(step));
    let heights: Vec<_> = bars.filter(|bar| !bar.is_empty()).map(mean).take(width).collect();
    let peak = heights.iter().max().copied().unwrap_or(0) as f64 / SCALE as f64;
    Bars { step, heights, peak }
}

fn mean(seconds: &[u64]) -> u64 {
    SCALE * seconds.iter().sum::<u64>() / seconds.len().max(1) as u64
}
