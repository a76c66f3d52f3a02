use l0_stage::Reason;

/// What is right or wrong with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// Nothing is wrong.
    Good,
    /// Good, and different from every other document with its key.
    Other(u64),
    /// Not JSON.
    Malformed,
    /// The schema refuses it.
    Violation,
    /// A value does not fit its column.
    Unfit,
    /// Only the database refuses it.
    Refused,
}

impl Content {
    /// Contents that can never be stored.
    pub const POISON: [Self; 4] = [Self::Malformed, Self::Violation, Self::Unfit, Self::Refused];

    /// The reason for which it must be buried, if it must.
    #[must_use]
    pub fn reason(self) -> Option<Reason> {
        match self {
            Self::Good | Self::Other(_) => None,
            Self::Malformed => Some(Reason::InvalidJson),
            Self::Violation => Some(Reason::SchemaViolation),
            Self::Unfit => Some(Reason::UnfitValue),
            Self::Refused => Some(Reason::RejectedByDatabase),
        }
    }
}
