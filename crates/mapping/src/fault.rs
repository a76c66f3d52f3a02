use l0_stage::{Blame, Refusal, Rejection, Why};

/// Whose fault it is that the database refused a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The document's fault, or unclear.
    Refused(Refusal),
    /// The fault of the environment, for which no document is buried.
    Environment(Why),
}

impl Fault {
    /// The document's fault, because `rule` depends on values of the document.
    #[must_use]
    pub fn of_document(rejection: Rejection, rule: String) -> Self {
        let blame = Blame::Document;
        Self::Refused(Refusal { rejection, blame, may_pass: false, rule })
    }

    /// An unclear fault: only the database knows why it refused the statement.
    #[must_use]
    pub fn unclear(rejection: Rejection, rule: String) -> Self {
        Self::Refused(Refusal::unclear(rejection, rule))
    }

    /// The same fault. A refusal is marked so that the commit of another document may change it.
    #[must_use]
    pub fn that_may_pass(self) -> Self {
        match self {
            Self::Refused(refusal) => Self::Refused(refusal.that_may_pass()),
            environment => environment,
        }
    }
}
