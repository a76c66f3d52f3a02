use crate::Rejection;

/// A document that the database refused, and whose fault that is.
///
/// A refusal never tells of the environment: a sink returns
/// [`Error::Retryable`](crate::Error) for that, and nothing is buried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What its dead letter says, should it come to one.
    pub rejection: Rejection,
    /// Whose fault it is.
    pub blame: Blame,
    /// Whether the commit of another document can change the answer: the engine gives the document
    /// back once before it decides.
    pub may_pass: bool,
    /// What refused it, for operators: `constraint orders_email_key`. Never a value.
    pub rule: String,
}

/// Whose fault a refusal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Blame {
    /// Proved the document's: the rule draws on what the document brought. It can be buried.
    Document,
    /// The database alone knows: a trigger, a function, a policy. It is buried only after it has
    /// failed several times while other documents were committed.
    Unclear,
}

impl Refusal {
    /// A document that is refused for a reason whose fault is unclear.
    pub fn unclear(rejection: Rejection, rule: impl Into<String>) -> Self {
        Self { rejection, blame: Blame::Unclear, may_pass: false, rule: rule.into() }
    }

    /// The same, but another commit may change it.
    #[must_use]
    pub fn that_may_pass(self) -> Self {
        Self { may_pass: true, ..self }
    }
}

/// The document's fault, from a sink that has nothing more to say.
impl From<Rejection> for Refusal {
    fn from(rejection: Rejection) -> Self {
        let rule = rejection.detail.clone();
        Self { rejection, blame: Blame::Document, may_pass: false, rule }
    }
}
