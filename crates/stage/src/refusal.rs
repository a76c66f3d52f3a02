use crate::Rejection;

/// A document that the database refused, and whose fault that is.
///
/// A refusal is never about the environment. For that a sink returns
/// [`Error::Retryable`](crate::Error), and nothing is buried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What its dead letter will say, if it becomes one.
    pub rejection: Rejection,
    /// Whose fault it is.
    pub blame: Blame,
    /// Whether the commit of another document can change the answer. If so, the engine gives the
    /// document back once before it decides.
    pub may_pass: bool,
    /// The rule that refused it, for operators: `constraint orders_email_key`. Never a value.
    pub rule: String,
}

/// Whose fault a refusal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Blame {
    /// Proved to be the document's: the rule depends on what the document brought. It can be
    /// buried.
    Document,
    /// Only the database knows: it was a trigger, a function or a policy. The document is buried
    /// only after it has failed several times while others were committed.
    Unclear,
}

impl Refusal {
    /// A refusal of unclear fault.
    pub fn unclear(rejection: Rejection, rule: impl Into<String>) -> Self {
        Self { rejection, blame: Blame::Unclear, may_pass: false, rule: rule.into() }
    }

    /// The same refusal, which the commit of another document may change.
    #[must_use]
    pub fn that_may_pass(self) -> Self {
        Self { may_pass: true, ..self }
    }
}

/// The document's fault. For a sink that has nothing more to say.
impl From<Rejection> for Refusal {
    fn from(rejection: Rejection) -> Self {
        let rule = rejection.detail.clone();
        Self { rejection, blame: Blame::Document, may_pass: false, rule }
    }
}
