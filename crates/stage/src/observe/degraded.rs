use time::OffsetDateTime;

/// Something that goes wrong while the pipeline works. The pipeline stays ready, but an operator
/// should look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Degraded {
    /// What goes wrong.
    pub symptom: Symptom,
    /// The rule of the database by its name, or a sentence about what is wrong. Never a secret.
    pub cause: String,
    /// How many messages are affected. `None` if they cannot be counted.
    pub messages: Option<u64>,
    /// Since when it goes wrong.
    pub since: OffsetDateTime,
}

/// What goes wrong while the pipeline works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Symptom {
    /// A rule of the database refuses documents for unclear reasons. They are delivered again
    /// later.
    GivenBack,
    /// A rule of the database had documents buried within the last minute.
    Buried,
    /// The database stored documents without some of their child rows within the last minute.
    KeptOut,
    /// Every message of the last minute became a dead letter.
    AllRejected,
    /// The source has no room left: it refuses publishers.
    SourceFull,
    /// The open connections to a service work, but it refuses new ones.
    ConnectionsRefused,
    /// The clock of a service differs from the clock of this machine, so latencies are wrong by the
    /// difference.
    ClockDiffers,
}

impl Symptom {
    /// Every symptom.
    pub const ALL: [Self; 7] = [
        Self::GivenBack,
        Self::Buried,
        Self::KeptOut,
        Self::AllRejected,
        Self::SourceFull,
        Self::ConnectionsRefused,
        Self::ClockDiffers,
    ];

    /// The name used by `/readyz`, `/api/status`, `/metrics` and `explain`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::GivenBack => "given_back",
            Self::Buried => "buried",
            Self::KeptOut => "kept_out",
            Self::AllRejected => "all_rejected",
            Self::SourceFull => "source_full",
            Self::ConnectionsRefused => "connections_refused",
            Self::ClockDiffers => "clock_differs",
        }
    }
}
