//! The lines of a file: which are open, which come again, and what is read next.

use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use l0_stage::anyhow::{self, Context as _, anyhow};
use l0_stage::time::OffsetDateTime;
use l0_stage::{Bytes, Error, Finding, Findings, Message, Origin, Verdict, Why};

use crate::place::Place;

/// What one batch holds at most, in bytes, so that large lines do not fill the memory.
const BATCH: usize = 8 << 20;

/// A line up to this many times the largest document is handed over, so that its letter has its exact bytes.
const LONGEST: usize = 16;

/// A line in the hands of a worker, and where it begins.
#[derive(Debug)]
pub(crate) struct Line {
    pub message: Message,
    pub begin: Place,
}

pub(crate) struct Lines {
    file: BufReader<File>,
    stream: Arc<str>,
    longest: usize,
    /// Where the first line begins that was not read yet.
    next: Place,
    /// Where each line begins that was read and is not settled.
    unsettled: BTreeMap<u64, Place>,
    /// Dropped without a verdict.
    again: VecDeque<Line>,
    /// Given back, by the instant they are due and where they begin.
    later: BTreeMap<(Instant, u64), Line>,
}

impl Lines {
    /// Goes on reading at a place.
    pub fn open(path: &Path, stream: String, next: Place, max: usize) -> Result<Self, Error> {
        let file = File::open(path).with_context(|| format!("cannot open `{}`", path.display()));
        let file = file.map_err(|error| {
            Error::mismatch(Findings(vec![Finding::new("path", format!("{error:#}"))]))
        })?;
        Ok(Self {
            file: BufReader::new(file),
            stream: stream.into(),
            longest: max.saturating_mul(LONGEST),
            next,
            unsettled: BTreeMap::new(),
            again: VecDeque::new(),
            later: BTreeMap::new(),
        })
    }

    /// At most `max` lines, those first that come again; none if the file has no more at present.
    pub fn take(&mut self, max: usize) -> Result<Vec<Line>, Error> {
        let not_due = self.later.split_off(&(Instant::now(), u64::MAX));
        self.again.extend(std::mem::replace(&mut self.later, not_due).into_values());
        let (mut batch, mut bytes) = (Vec::new(), 0);
        while batch.len() < max && bytes < BATCH {
            let next = self.again.pop_front().map_or_else(|| self.read(), |line| Ok(Some(line)));
            let line = match next {
                Ok(Some(line)) => line,
                // A failure is told by the next call: this batch holds lines already.
                Err(error) if batch.is_empty() => return Err(error),
                Ok(None) | Err(_) => break,
            };
            bytes += line.message.payload.len();
            batch.push(line);
        }
        Ok(batch)
    }

    /// When the next line is due that was given back.
    pub fn due(&self) -> Option<Instant> {
        self.later.keys().next().map(|(due, _)| *due)
    }

    /// Ends a delivery; without a verdict it was dropped. The line is numbered as the next attempt.
    pub fn settle(&mut self, line: Line, verdict: Option<Verdict>) {
        match verdict {
            None => self.again.push_back(line),
            Some(Verdict::Returned(delay)) => {
                self.later.insert((Instant::now() + delay, line.begin.bytes), line);
            }
            Some(_) => {
                self.unsettled.remove(&line.begin.bytes);
            }
        }
    }

    /// All that lies before it is settled: an open line holds the place back, whatever is settled behind it.
    pub fn settled(&self) -> Place {
        self.unsettled.values().next().copied().unwrap_or(self.next)
    }

    /// A line without its end is still being written: it is read again later.
    fn read(&mut self) -> Result<Option<Line>, Error> {
        let mut payload = Vec::new();
        let read = self.read_line(&mut payload);
        read.context("cannot read the file")
            .map_err(|error| Error::retryable(Why::Unclassified, error))?;
        if payload.pop() != Some(b'\n') {
            return self.nothing(payload.len());
        }
        let begin = self.next;
        self.next.bytes += payload.len() as u64 + 1;
        self.next.lines += 1;
        self.unsettled.insert(begin.bytes, begin);
        let origin = Origin {
            stream: Arc::clone(&self.stream),
            stream_created: None,
            sequence: self.next.lines,
            published: OffsetDateTime::now_utc(),
            attempt: 1,
        };
        let (subject, headers) = (self.stream.to_string(), Bytes::new());
        let message = Message { origin, subject, headers, payload: payload.into() };
        Ok(Some(Line { message, begin }))
    }

    fn read_line(&mut self, payload: &mut Vec<u8>) -> anyhow::Result<()> {
        if self.file.stream_position()? != self.next.bytes {
            self.file.seek(SeekFrom::Start(self.next.bytes))?;
        }
        let longest = self.longest as u64 + 1;
        self.file.by_ref().take(longest).read_until(b'\n', payload)?;
        Ok(())
    }

    fn nothing(&self, begun: usize) -> Result<Option<Line>, Error> {
        let line = self.next.lines + 1;
        if begun > self.longest {
            let too_long = anyhow!("line {line} is longer than {} bytes", self.longest);
            return Err(Error::permanent(too_long));
        }
        let length = self.file.get_ref().metadata().map_or(self.next.bytes, |file| file.len());
        if length < self.next.bytes {
            let what = format!("the file has become shorter: it ends before line {line}");
            let help = "name another `place` to follow a new file from its beginning";
            return Err(Error::mismatch(Findings(vec![Finding::new("path", what).help(help)])));
        }
        Ok(None)
    }
}
