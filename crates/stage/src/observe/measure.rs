/// A number that a stage measures about itself or its service, for `/metrics`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measure {
    /// The name of the measure without prefix and role: `stream_bytes` of a source is shown as
    /// `l0_source_stream_bytes`. The name of a counter ends in `_total`.
    pub name: &'static str,
    /// One line about what is measured.
    pub help: &'static str,
    /// Whether the measure is a counter, which only grows while the process lives.
    pub is_counter: bool,
    /// The value in base units: seconds, bytes.
    pub value: f64,
}

impl Measure {
    /// A gauge: a number that rises and falls.
    #[must_use]
    pub fn gauge(name: &'static str, help: &'static str, value: f64) -> Self {
        Self { name, help, is_counter: false, value }
    }

    /// A counter: a number that only grows.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "shown to people, and below 2^52")]
    pub fn counter(name: &'static str, help: &'static str, value: u64) -> Self {
        Self { name, help, is_counter: true, value: value as f64 }
    }
}
