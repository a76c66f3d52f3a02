use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use l0_stage::{Bytes, Message, Origin};
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

use crate::forms::clock;
use crate::{Cell, ColumnType};

/// A value of the message that brought a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metadata {
    /// When it was published, to the microsecond.
    Published,
    /// How often the message had been delivered.
    Deliveries,
    /// The subject that it was published to.
    Subject,
    /// The name of its stream.
    Stream,
    /// Its position in the stream.
    Sequence,
}

impl Metadata {
    const ALL: [Self; 5] =
        [Self::Published, Self::Deliveries, Self::Subject, Self::Stream, Self::Sequence];

    fn name(self) -> &'static str {
        match self {
            Self::Published => "@published",
            Self::Deliveries => "@deliveries",
            Self::Subject => "@subject",
            Self::Stream => "@stream",
            Self::Sequence => "@sequence",
        }
    }

    /// # Errors
    /// The text names no such value.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let named = Self::ALL.into_iter().find(|it| it.name() == text);
        named.ok_or_else(|| {
            format!("`{text}` is not a value of a message: there are {}", Self::names(", "))
        })
    }

    /// The names of all values, separated by this text.
    pub(crate) fn names(between: &str) -> String {
        Self::ALL.map(Self::name).join(between)
    }

    /// The value as this column holds it. `None` if it does not fit.
    pub(crate) fn fit(self, message: &Message, column: ColumnType) -> Option<Cell<'_>> {
        let origin = &message.origin;
        match (self, column) {
            (Self::Published, ColumnType::LocalTimestamp) => {
                clock::in_utc(origin.published.truncate_to_microsecond()).map(Cell::local_time)
            }
            (Self::Published, ColumnType::Timestamp) => {
                Cell::time(origin.published.truncate_to_microsecond())
            }
            (Self::Deliveries, integer) if integer.is_integer() => {
                Cell::count(origin.attempt, integer)
            }
            (Self::Sequence, integer) if integer.is_integer() => {
                Cell::count(origin.sequence, integer)
            }
            (_, ColumnType::Text { max }) => Cell::text(self.text(message)?, max),
            _ => None,
        }
    }

    fn text(self, message: &Message) -> Option<Cow<'_, str>> {
        let Message { origin, subject, .. } = message;
        let text = match self {
            Self::Published => Cow::Owned(rfc_3339(origin.published)?),
            Self::Deliveries => Cow::Owned(origin.attempt.to_string()),
            Self::Sequence => Cow::Owned(origin.sequence.to_string()),
            Self::Subject => Cow::Borrowed(subject.as_str()),
            Self::Stream => Cow::Borrowed(&*origin.stream),
        };
        // No document contains a NUL character, and not every database can hold one.
        Some(text).filter(|text| !text.contains('\0'))
    }

    /// Whether a column of this type can hold the value of some messages.
    pub(crate) fn suits(self, column: ColumnType) -> bool {
        let origin = Origin {
            stream: Arc::from(""),
            stream_created: None,
            sequence: 1,
            published: OffsetDateTime::UNIX_EPOCH,
            attempt: 1,
        };
        let (headers, payload) = (Bytes::new(), Bytes::new());
        let message = Message { origin, subject: String::new(), headers, payload };
        self.fit(&message, column).is_some()
    }

    /// Which column can hold it.
    pub(crate) fn help(self) -> &'static str {
        match self {
            Self::Published => "use a timestamp or text column",
            Self::Deliveries | Self::Sequence => "use an integer or text column",
            Self::Subject | Self::Stream => "use a text column",
        }
    }
}

impl fmt::Display for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

fn rfc_3339(time: OffsetDateTime) -> Option<String> {
    let format =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");
    time.checked_to_offset(UtcOffset::UTC)?.format(format).ok()
}
