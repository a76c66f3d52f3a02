//! Reads the documents of an input: gzip or plain, JSON lines or an array.

use std::io::{self, Cursor, Read};
use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::coding::Coding;
use crate::form::Form;
use crate::gzip::{counted, unpacker};
use crate::lines::{CHUNK, Lines};
use crate::piece::{Chunk, Failure};
use crate::values::Values;

type Input = Box<dyn Read>;

/// Reads the documents of an input in bounded memory.
pub struct Documents {
    split: Split,
    /// The bytes of the byte order mark, until they are reported as blank.
    mark: u64,
    packed: Option<Packed>,
}

enum Split {
    Lines(Lines<Input>),
    Values(Values<Input>),
}

/// The number of gzip bytes that were read, and how many of them were reported in chunks.
#[derive(Default)]
struct Packed {
    read: Arc<AtomicU64>,
    told: u64,
}

impl Documents {
    /// Opens an input, and reads as much of it as is needed to know its form. A document with more
    /// than `longest` bytes will be an error.
    ///
    /// # Errors
    /// The input cannot be read, or is not UTF-8.
    pub fn open(input: Box<dyn Read>, longest: usize) -> Result<Self, Failure> {
        let (mut coding, mut input) = code(input)?;
        let mut packed = None;
        if coding == Coding::Gzip {
            let count = packed.insert(Packed::default());
            (coding, input) = code(Box::new(unpacker(counted(input, &count.read))))?;
        }
        match coding {
            Coding::Utf8 | Coding::MarkedUtf8 => {}
            Coding::Gzip => return Err(Failure::PackedTwice),
            other => return Err(Failure::Coding(other)),
        }
        skip(&mut input, coding.mark())?;
        let is_long = |bytes: &[u8]| (bytes.len() > longest).then_some(Form::Lines);
        let decide = |bytes: &[u8], has_ended| Form::of(bytes, has_ended).or(is_long(bytes));
        let (form, input) = peek(input, decide)?;
        let split = match form {
            Form::Lines => Split::Lines(Lines::new(input, longest)),
            Form::Values => Split::Values(Values::new(input, longest)),
        };
        Ok(Self { split, mark: coding.mark() as u64, packed })
    }

    /// Reads once, and returns the documents that are now complete, possibly none. `None` at the
    /// end of the input.
    ///
    /// # Errors
    /// The failure that ends the input. All documents before it were returned.
    pub fn read(&mut self) -> Result<Option<Chunk>, Failure> {
        let chunk = match &mut self.split {
            Split::Lines(lines) => lines.read()?,
            Split::Values(values) => values.read()?,
        };
        let mark = mem::take(&mut self.mark);
        let chunk = chunk.or_else(|| (mark > 0).then(Chunk::default));
        Ok(chunk.map(|mut chunk| {
            chunk.blank += mark;
            match &mut self.packed {
                Some(packed) => packed.measure(chunk),
                None => chunk,
            }
        }))
    }
}

impl Packed {
    /// Replaces the sizes of a chunk by sizes in gzip bytes. The last document of the chunk gets
    /// all of them.
    fn measure(&mut self, mut chunk: Chunk) -> Chunk {
        let read = self.read.load(Ordering::Relaxed);
        let size = read - mem::replace(&mut self.told, read);
        chunk.pieces.iter_mut().for_each(|piece| piece.size = 0);
        chunk.blank = 0;
        match chunk.pieces.last_mut() {
            Some(last) => last.size = size,
            None => chunk.blank = size,
        }
        chunk
    }
}

/// Recognises the encoding by the first bytes. A complete first line is enough even if it is
/// shorter, so that a slow pipe causes no wait.
fn code(input: Input) -> Result<(Coding, Input), Failure> {
    peek(input, |bytes, has_ended| {
        let is_enough = has_ended || bytes.len() >= Coding::DECIDING || bytes.contains(&b'\n');
        is_enough.then(|| Coding::of(bytes))
    })
}

/// Reads until `decide` returns a result, and puts the bytes that were read back in front of the
/// input.
fn peek<T>(
    mut input: Input,
    decide: impl Fn(&[u8], bool) -> Option<T>,
) -> Result<(T, Input), Failure> {
    let (mut bytes, mut has_ended) = (Vec::new(), false);
    loop {
        if let Some(decided) = decide(&bytes, has_ended) {
            return Ok((decided, Box::new(Cursor::new(bytes).chain(input))));
        }
        let begin = bytes.len();
        bytes.resize(begin + CHUNK, 0);
        let read = match input.read(&mut bytes[begin..]) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => None,
            read => Some(read.map_err(Failure::Unreadable)?),
        };
        bytes.truncate(begin + read.unwrap_or_default());
        has_ended = read == Some(0);
    }
}

fn skip(input: &mut Input, bytes: usize) -> Result<(), Failure> {
    let mut skipped = vec![0; bytes];
    input.read_exact(&mut skipped).map_err(Failure::Unreadable)
}
