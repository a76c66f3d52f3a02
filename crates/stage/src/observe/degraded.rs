use time::OffsetDateTime;

/// A fault beside which the pipeline still works. The pipeline stays ready, but an operator should
/// look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Degraded {
    /// The kind of the fault.
    pub symptom: Symptom,
    /// The name of the database's rule that causes the fault, or a sentence about the fault. It
    /// never contains a secret.
    pub cause: String,
    /// How many messages are affected. `None` if they cannot be counted.
    pub messages: Option<u64>,
    /// When the fault began.
    pub since: OffsetDateTime,
}

/// The kinds of faults beside which the pipeline still works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Symptom {
    /// A rule of the database refuses documents for unclear reasons. The engine gave these
    /// documents back, and the source delivers them again later.
    GivenBack,
    /// Within the last minute documents became dead letters because a rule of the database refused
    /// them.
    Buried,
    /// The database stored documents without some of their child rows within the last minute.
    KeptOut,
    /// Every message of the last minute became a dead letter.
    AllRejected,
    /// The source's service has no space left, so it refuses new messages of publishers.
    SourceFull,
    /// The open connections to a service work, but it refuses new ones.
    ConnectionsRefused,
    /// The clock of a service differs from the clock of this machine, so latencies are wrong by the
    /// difference.
    ClockDiffers,
}

impl Symptom {
    /// All symptoms.
    pub const ALL: [Self; 7] = [
        Self::GivenBack,
        Self::Buried,
        Self::KeptOut,
        Self::AllRejected,
        Self::SourceFull,
        Self::ConnectionsRefused,
        Self::ClockDiffers,
    ];

    /// The name of the symptom in `/readyz`, `/api/status`, `/metrics` and `l0-runtime explain`.
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
