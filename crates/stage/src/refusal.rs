use crate::Rejection;

/// Why the database refused a document, and whose fault the refusal is.
///
/// If the environment is at fault, a sink returns [`Error::Retryable`](crate::Error) instead, and
/// no document becomes a dead letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What the dead letter of the document says, if the engine decides to bury the document.
    pub rejection: Rejection,
    /// Whose fault the refusal is.
    pub blame: Blame,
    /// Whether the database may accept the document after another document was committed. The
    /// engine then gives the document back to the source once before it decides.
    pub may_pass: bool,
    /// The rule of the database that refused the document, for operators: `constraint
    /// orders_email_key`. It never contains a value of the document.
    pub rule: String,
}

/// Whose fault a refusal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Blame {
    /// The document's fault: the catalog proves that the rule depends on values of the document.
    /// The engine may bury the document.
    Document,
    /// The sink cannot tell whose fault the refusal is, because a trigger, a function or a policy
    /// refused the document. The engine buries the document only after it failed several times
    /// while others were committed.
    Unclear,
}

impl Refusal {
    /// A refusal for which the sink cannot tell whose fault it is.
    pub fn unclear(rejection: Rejection, rule: impl Into<String>) -> Self {
        Self { rejection, blame: Blame::Unclear, may_pass: false, rule: rule.into() }
    }

    /// The same refusal, marked with [`may_pass`](Self::may_pass).
    #[must_use]
    pub fn that_may_pass(self) -> Self {
        Self { may_pass: true, ..self }
    }
}

/// Makes a refusal that is the document's fault, with the detail as its rule. This is enough for a
/// simple sink.
impl From<Rejection> for Refusal {
    fn from(rejection: Rejection) -> Self {
        let rule = rejection.detail.clone();
        Self { rejection, blame: Blame::Document, may_pass: false, rule }
    }
}
