/// What the messages of a source have beside their payload. A sink that stores such values checks
/// it ([`Plugin::check_envelope`](crate::Plugin::check_envelope)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Envelope {
    /// Whether [`Origin::id`](crate::Origin::id) tells a message from every other. It does not, if
    /// the source knows a message only by its content, or counts anew in another run.
    pub has_id: bool,
    /// Whether `origin.published` is the same at every delivery, also in the next process.
    pub has_fixed_time: bool,
    /// Whether [`Message::header`](crate::Message::header) may find a header.
    pub has_headers: bool,
}

/// The envelope of a source that does not say more than the contract demands.
impl Default for Envelope {
    fn default() -> Self {
        Self { has_id: true, has_fixed_time: false, has_headers: true }
    }
}
