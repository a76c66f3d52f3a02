//! The values of a message that columns can hold: its id, its time of publishing, its headers.

use std::borrow::Cow;
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;

use l0_stage::{Bytes, Message, Origin};
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

use crate::forms::clock;
use crate::{Cell, ColumnType, Detail};

/// A value of the message that a document came in, for a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Metadata {
    /// When the message was published, to the microsecond.
    Published,
    /// How often the message had been delivered.
    Deliveries,
    /// The subject that the message was published to.
    Subject,
    /// The name of the message's stream.
    Stream,
    /// The position of the message in its stream.
    Sequence,
    /// The unique id of the message at its source.
    Id,
    /// The SHA-256 of the payload, in hexadecimal digits.
    Digest,
    /// The first header with this name. The case of the name does not count. NULL if the message
    /// has no such header.
    Header(String),
    /// The token of the subject with this number, counted from 1. NULL if the subject has fewer
    /// tokens.
    Token(NonZeroUsize),
}

impl Metadata {
    /// The values that are written without a name or number.
    const PLAIN: [Self; 7] = [
        Self::Published,
        Self::Deliveries,
        Self::Subject,
        Self::Stream,
        Self::Sequence,
        Self::Id,
        Self::Digest,
    ];

    /// The pattern of the text of a value, for the JSON Schema.
    pub(crate) const PATTERN: &str = "@published|@deliveries|@subject(\\.[1-9][0-9]*)?|@stream|\
                                      @sequence|@id|@digest|@header\\.[!-9;-~]+";

    /// # Errors
    /// The text does not name a value of a message.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if let Some(name) = text.strip_prefix("@header.") {
            return parse_header(name).ok_or_else(|| {
                format!("`{text}` is not a header: its name is printable ASCII without `:`")
            });
        }
        if let Some(number) = text.strip_prefix("@subject.") {
            return number.parse().map(Self::Token).map_err(|_| {
                format!("`{text}` is not a token of the subject: they are counted from 1")
            });
        }
        let named = Self::PLAIN.into_iter().find(|it| it.to_string() == text);
        named.ok_or_else(|| {
            let plain = Self::PLAIN.map(|it| it.to_string()).join(", ");
            format!(
                "`{text}` is not a value of a message; the values are {plain}, @header.NAME, @subject.1"
            )
        })
    }

    /// The value as a cell of this column. [`Cell::Null`] if the message does not have the value.
    /// `None` if the value does not fit.
    pub(crate) fn fit<'a>(
        &self,
        message: &'a Message,
        column: ColumnType,
        detail: &Detail,
    ) -> Option<Cell<'a>> {
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
            (Self::Header(name), column) => match message.header(name) {
                Some(value) => fit_text(str::from_utf8(value).ok()?, column, detail),
                None => Some(Cell::Null),
            },
            (Self::Token(number), column) => match token(&message.subject, *number) {
                Some(token) => fit_text(token, column, detail),
                None => Some(Cell::Null),
            },
            (_, ColumnType::Text { max }) => Cell::text(self.text(message)?, max),
            _ => None,
        }
    }

    fn text<'a>(&self, message: &'a Message) -> Option<Cow<'a, str>> {
        let Message { origin, subject, .. } = message;
        let text = match self {
            Self::Published => Cow::Owned(rfc_3339(origin.published)?),
            Self::Deliveries => Cow::Owned(origin.attempt.to_string()),
            Self::Sequence => Cow::Owned(origin.sequence.to_string()),
            Self::Subject => Cow::Borrowed(subject.as_str()),
            Self::Stream => Cow::Borrowed(&*origin.stream),
            Self::Id => Cow::Owned(origin.id()),
            Self::Digest => Cow::Owned(message.digest()),
            Self::Header(_) | Self::Token(_) => return None,
        };
        Some(text).filter(|text| is_storable(text))
    }

    /// Whether a column of this type can hold the value, at least for some messages.
    pub(crate) fn suits(&self, column: ColumnType) -> bool {
        if let Self::Header(_) | Self::Token(_) = self {
            return !matches!(column, ColumnType::Json | ColumnType::Jsonb | ColumnType::Array);
        }
        let origin = Origin {
            stream: Arc::from(""),
            stream_created: None,
            sequence: 1,
            published: OffsetDateTime::UNIX_EPOCH,
            attempt: 1,
        };
        let (headers, payload) = (Bytes::new(), Bytes::new());
        let message = Message { origin, subject: String::new(), headers, payload };
        self.fit(&message, column, &Detail::default()).is_some()
    }

    /// Help that says which type of column can hold the value.
    pub(crate) fn help(&self) -> &'static str {
        match self {
            Self::Published => "use a timestamp or text column",
            Self::Deliveries | Self::Sequence => "use an integer or text column",
            Self::Subject | Self::Stream | Self::Id | Self::Digest => "use a text column",
            Self::Header(_) | Self::Token(_) => "use a column that is neither JSON nor an array",
        }
    }
}

impl fmt::Display for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Published => f.write_str("@published"),
            Self::Deliveries => f.write_str("@deliveries"),
            Self::Subject => f.write_str("@subject"),
            Self::Stream => f.write_str("@stream"),
            Self::Sequence => f.write_str("@sequence"),
            Self::Id => f.write_str("@id"),
            Self::Digest => f.write_str("@digest"),
            Self::Header(name) => write!(f, "@header.{name}"),
            Self::Token(number) => write!(f, "@subject.{number}"),
        }
    }
}

fn parse_header(name: &str) -> Option<Metadata> {
    let is_name = |c: char| c.is_ascii_graphic() && c != ':';
    let named = !name.is_empty() && name.chars().all(is_name);
    named.then(|| Metadata::Header(name.to_owned()))
}

fn token(subject: &str, number: NonZeroUsize) -> Option<&str> {
    subject.split('.').nth(number.get() - 1)
}

fn fit_text<'a>(text: &'a str, column: ColumnType, detail: &Detail) -> Option<Cell<'a>> {
    is_storable(text).then(|| Cell::fit_text(text, column, detail)).flatten()
}

/// Whether a text can be stored. A text with NUL cannot, because not every database can hold NUL.
fn is_storable(text: &str) -> bool {
    !text.contains('\0')
}

/// Prints a time as RFC 3339 in UTC, to the microsecond. `None` if the time is beyond the calendar.
pub(crate) fn rfc_3339(time: OffsetDateTime) -> Option<String> {
    let format =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");
    time.checked_to_offset(UtcOffset::UTC)?.format(format).ok()
}
