//! What SQLite answers when it refuses a statement, without the parts that may quote a value.

use l0_stage::{Reason, Rejection};

use super::code::{self, CONSTRAINT_CHECK, CONSTRAINT_FOREIGNKEY, CONSTRAINT_NOTNULL};
use super::code::{CONSTRAINT_PRIMARYKEY, CONSTRAINT_ROWID, CONSTRAINT_TRIGGER, CONSTRAINT_UNIQUE};

/// Longest part of a rule's name, in characters.
const MAX_SUBJECT: usize = 100;

/// A refusal: its extended result code and its message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    pub code: i32,
    pub message: String,
}

impl Answer {
    /// `None` if SQLite was not asked, or gave an unexpected answer.
    pub fn of(error: &rusqlite::Error) -> Option<Self> {
        code::refusal(error).map(|(code, message)| Self { code, message: message.to_owned() })
    }

    /// The part of the message that names the rule: `orders.email` in `UNIQUE constraint failed:
    /// orders.email`. SQLite tells it nowhere else.
    pub fn subject(&self) -> &str {
        self.message.split_once(" failed: ").map_or("", |(_, subject)| subject)
    }

    /// The rejection, with what a person needs to find the rule. The message of a trigger or an
    /// expression is left out, because it may quote the value.
    pub fn rejection(&self) -> Rejection {
        let Self { code, message } = self;
        let message = match code & 0xff {
            _ if *code == CONSTRAINT_TRIGGER => "a trigger refused it",
            code::ERROR => "an expression of a rule or of a trigger fails",
            _ => message,
        };
        let detail = format!("sqlite refused it with {code}, {message}");
        Rejection::new(Reason::RejectedByDatabase, detail)
    }

    /// The rule by its name, if it has one.
    pub fn rule(&self) -> String {
        let code = self.code;
        // A CHECK without a name is named by its expression.
        let subject = self.subject().split_whitespace().collect::<Vec<_>>().join(" ");
        let subject: String = subject.chars().take(MAX_SUBJECT).collect();
        match code {
            CONSTRAINT_UNIQUE | CONSTRAINT_PRIMARYKEY | CONSTRAINT_ROWID => {
                format!("UNIQUE {subject}")
            }
            CONSTRAINT_CHECK => format!("CHECK {subject}"),
            CONSTRAINT_NOTNULL => format!("NOT NULL {subject}"),
            CONSTRAINT_FOREIGNKEY => "a FOREIGN KEY".to_owned(),
            CONSTRAINT_TRIGGER => "RAISE of a trigger".to_owned(),
            _ if code & 0xff == code::TOOBIG => "the longest value of sqlite".to_owned(),
            _ => format!("code {code} of sqlite"),
        }
    }
}
