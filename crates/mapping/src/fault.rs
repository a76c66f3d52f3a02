use l0_stage::{Blame, Refusal, Rejection, Why};

/// What it means that the database refused a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A document's, or unclear.
    Refused(Refusal),
    /// The environment's: nothing is buried for it.
    Environment(Why),
}

impl Fault {
    /// The document's: `rule` draws on what the document brought.
    #[must_use]
    pub fn of_document(rejection: Rejection, rule: String) -> Self {
        let blame = Blame::Document;
        Self::Refused(Refusal { rejection, blame, may_pass: false, rule })
    }

    /// A fault that the database alone knows.
    #[must_use]
    pub fn unclear(rejection: Rejection, rule: String) -> Self {
        Self::Refused(Refusal::unclear(rejection, rule))
    }

    /// The same; of a refused document, the commit of another may change it.
    #[must_use]
    pub fn that_may_pass(self) -> Self {
        match self {
            Self::Refused(refusal) => Self::Refused(refusal.that_may_pass()),
            environment => environment,
        }
    }
}
