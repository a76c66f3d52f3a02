/// What the messages of a source have beside their payload: an id, a time, headers. A sink that
/// stores these values checks that its source has them
/// ([`Plugin::check_envelope`](crate::Plugin::check_envelope)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Envelope {
    /// Whether [`Origin::id`](crate::Origin::id) is unique for every message. It is not unique if
    /// the source knows a message only by its content, or starts to count again in each run.
    pub has_id: bool,
    /// Whether `origin.published` is the same at every delivery of a message, also after a restart
    /// of the process.
    pub has_fixed_time: bool,
    /// Whether the messages may have headers, which [`Message::header`](crate::Message::header)
    /// reads.
    pub has_headers: bool,
}

/// The envelope of a source that does not override [`Plugin::envelope`](crate::Plugin::envelope).
impl Default for Envelope {
    fn default() -> Self {
        Self { has_id: true, has_fixed_time: false, has_headers: true }
    }
}
