//! The documents of a body.

use std::mem;
use std::sync::Arc;

use l0_http::Client;
use l0_intake::{Coding, Splitter};
use l0_stage::Bytes;

use crate::media::Format;
use crate::problem::Problem;
use crate::room::Room;

/// A body, without a byte order mark.
#[derive(Debug)]
pub(crate) enum Body {
    One(Bytes),
    /// Any number of documents.
    Several(Split, Bytes),
}

/// How several documents are separated.
#[derive(Debug)]
pub(crate) enum Split {
    Lines,
    Elements(Box<Splitter>),
}

impl Body {
    pub fn of(format: Format, bytes: Bytes) -> Self {
        let coding = Coding::of(&bytes);
        let text = bytes.slice(coding.mark()..);
        match (coding, format) {
            (Coding::Utf8 | Coding::MarkedUtf8, Format::Lines) => Self::Several(Split::Lines, text),
            // A line of text that begins as a packed format does costs the others nothing.
            (Coding::Packed(_), Format::Lines) if str::from_utf8(&text).is_ok() => {
                Self::Several(Split::Lines, text)
            }
            (Coding::Utf8 | Coding::MarkedUtf8, _) if text.trim_ascii_start().starts_with(b"[") => {
                Self::Several(Split::Elements(Box::default()), text)
            }
            // Bytes that are not UTF-8 are not cut into lines: as a whole they are one dead letter,
            // which says what they are.
            _ => Self::One(text),
        }
    }
}

impl Split {
    /// Refuses a body of more than `most` documents; blank lines count too.
    pub fn check(&self, body: &[u8], most: usize) -> Result<(), Problem> {
        let has_more = match self {
            Self::Lines => body.split_inclusive(|byte| *byte == b'\n').nth(most).is_some(),
            Self::Elements(_) => has_more_elements(body, most),
        };
        match has_more {
            true => Err(Problem::too_many_lines(most)),
            false => Ok(()),
        }
    }
}

fn has_more_elements(mut body: &[u8], most: usize) -> bool {
    let mut splitter = Splitter::default();
    (0..=most).all(|_| {
        let step = splitter.next(body, true);
        body = &body[step.used..];
        step.found.is_some()
    })
}

/// The documents of a body that were not handed over yet. All share the body's memory.
pub(crate) struct Documents {
    split: Split,
    /// What is behind the next document.
    rest: Bytes,
    next: Option<Bytes>,
    room: Arc<Room>,
}

impl Documents {
    pub fn new(split: Split, body: Bytes, room: Arc<Room>) -> Self {
        let mut documents = Self { split, rest: body, next: None, room };
        documents.next = documents.find();
        documents
    }

    pub fn is_empty(&self) -> bool {
        self.next.is_none()
    }

    /// The client whose body it is.
    pub fn client(&self) -> Client {
        self.room.client()
    }

    /// Says once, behind the last document, that the end of the array is missing.
    pub fn take_problem(&mut self) -> Option<Problem> {
        match mem::replace(&mut self.split, Split::Lines) {
            Split::Elements(splitter) => splitter.has_no_end().then(Problem::no_end),
            Split::Lines => None,
        }
    }

    fn find(&mut self) -> Option<Bytes> {
        match &mut self.split {
            Split::Lines => next_line(&mut self.rest),
            Split::Elements(splitter) => {
                let step = splitter.next(&self.rest, true);
                let used = self.rest.split_to(step.used);
                step.found.map(|found| used.slice(found.range))
            }
        }
    }
}

/// Skips blank lines.
fn next_line(body: &mut Bytes) -> Option<Bytes> {
    loop {
        let length = body.split_inclusive(|byte| *byte == b'\n').next()?.len();
        let mut line = body.split_to(length);
        if line.trim_ascii().is_empty() {
            continue;
        }
        if line.ends_with(b"\n") {
            line.truncate(length - 1);
            line.truncate(line.strip_suffix(b"\r").unwrap_or(&line).len());
        }
        return Some(line);
    }
}

impl Iterator for Documents {
    type Item = (Bytes, Arc<Room>);

    fn next(&mut self) -> Option<Self::Item> {
        let following = self.next.is_some().then(|| self.find()).flatten();
        let document = mem::replace(&mut self.next, following)?;
        Some((document, Arc::clone(&self.room)))
    }
}
