use async_nats::jetstream::stream::Info;
use l0_stage::observe::Measure;

/// The measures for `/metrics` of what the stream holds.
pub(crate) fn of_stream(stream: &Info) -> Vec<Measure> {
    let limit = u64::try_from(stream.config.max_bytes).ok().filter(|limit| *limit > 0);
    let bytes =
        Measure::gauge("stream_bytes", "Bytes that the stream holds.", float(stream.state.bytes));
    let help = "Messages that the stream holds.";
    let messages = Measure::gauge("stream_messages", help, float(stream.state.messages));
    let help = "Most bytes that the stream may hold (max_bytes).";
    let limit = limit.map(|limit| Measure::gauge("stream_max_bytes", help, float(limit)));
    [bytes, messages].into_iter().chain(limit).collect()
}

/// Counts of events since the start of this instance.
pub(crate) struct Tally {
    pub ack_failures: u64,
    pub reconnects: u64,
    pub replacements: u64,
    pub streams_made_anew: u64,
    pub durables_made_anew: u64,
}

impl Tally {
    pub fn measures(&self) -> [Measure; 5] {
        [
            Measure::counter(
                "ack_failures_total",
                "Acks that could not be sent, or whose requested answer did not come.",
                self.ack_failures,
            ),
            Measure::counter("reconnects_total", "Reconnects of the NATS client.", self.reconnects),
            Measure::counter(
                "client_replacements_total",
                "NATS clients that were replaced because they were dead or got no answers.",
                self.replacements,
            ),
            Measure::counter(
                "stream_recreations_total",
                "How often the stream was replaced by another.",
                self.streams_made_anew,
            ),
            Measure::counter(
                "durable_recreations_total",
                "How often the durable was replaced by another of the same stream.",
                self.durables_made_anew,
            ),
        ]
    }
}

#[expect(clippy::cast_precision_loss, reason = "shown to people")]
fn float(value: u64) -> f64 {
    value as f64
}
