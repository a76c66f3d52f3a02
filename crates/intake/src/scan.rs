//! Finds where a value ends, by its brackets and texts alone.
//!
//! What is between them is not looked at: a value that is wrong inside still ends where its bracket
//! closes, and the ones after it lose nothing. If the brackets themselves are wrong, the value ends
//! before the next line that begins as its own line did.

/// Where a value ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct End {
    /// The length of the value.
    pub length: usize,
    /// The line ends within.
    pub lines: u64,
    /// Whether its brackets or texts are wrong.
    pub is_broken: bool,
}

/// A value whose end was not found yet.
#[derive(Debug)]
pub(crate) struct Scan {
    kind: Kind,
    /// Whether the value is an element of an array that is not part of it.
    in_array: bool,
    /// The brackets that are open.
    open: Vec<u8>,
    /// How many of them are of objects.
    objects: usize,
    text: Text,
    is_broken: bool,
    /// Whether the value ends before the next line that begins as it did, whatever its brackets are.
    ends_by_line: bool,
    /// How many bytes were looked at, and the line ends among them.
    length: usize,
    lines: u64,
    /// The indentation of the line so far; `None` behind its first other byte.
    indent: Option<usize>,
    /// The same where the value began.
    own_indent: Option<usize>,
    /// The first line that begins as the value did.
    cut: Option<End>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Object,
    Array,
    Text,
    /// A number, a word, or no JSON at all.
    Bare,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Text {
    Outside,
    Inside,
    Escape,
}

enum Next {
    Goes,
    /// The value ended before this byte.
    Ended,
    /// This byte ends the value.
    Ends,
}

impl Scan {
    /// A value that begins with the byte `first`. `indent` is the white space before it, if it is
    /// the first in its line.
    pub fn new(first: u8, in_array: bool, indent: Option<usize>) -> Self {
        let kind = match first {
            b'{' => Kind::Object,
            b'[' => Kind::Array,
            b'"' => Kind::Text,
            _ => Kind::Bare,
        };
        Self {
            kind,
            in_array,
            open: Vec::new(),
            objects: 0,
            text: Text::Outside,
            is_broken: false,
            ends_by_line: false,
            length: 0,
            lines: 0,
            indent: None,
            own_indent: indent.filter(|_| kind == Kind::Object),
            cut: None,
        }
    }

    /// Ends the value before the next line that begins as it did, whatever its brackets are.
    pub fn end_by_line(&mut self) {
        self.ends_by_line = true;
    }

    /// How many bytes were looked at.
    pub fn seen(&self) -> usize {
        self.length
    }

    /// Whether objects or arrays are open, and nothing is wrong so far.
    pub fn is_open(&self) -> bool {
        !self.open.is_empty() && !self.is_broken && self.text == Text::Outside
    }

    /// The end of the value that `bytes` begin with. `None` if it is further on. The next call must
    /// bring the same bytes and more.
    pub fn feed(&mut self, bytes: &[u8], has_ended: bool) -> Option<End> {
        loop {
            if (self.is_broken || self.ends_by_line) && self.cut.is_some() {
                return self.cut;
            }
            let Some(byte) = bytes.get(self.length) else { break };
            self.note_line(*byte);
            match self.step(*byte) {
                Next::Goes => self.pass(*byte),
                Next::Ended => return Some(self.end()),
                Next::Ends => {
                    self.pass(*byte);
                    return Some(self.end());
                }
            }
        }
        if !has_ended {
            return None;
        }
        self.is_broken |= self.kind != Kind::Bare;
        Some(self.end())
    }

    fn end(&self) -> End {
        let here = End { length: self.length, lines: self.lines, is_broken: self.is_broken };
        self.cut.filter(|_| self.is_broken).unwrap_or(here)
    }

    fn pass(&mut self, byte: u8) {
        self.length += 1;
        if byte == b'\n' {
            self.lines += 1;
            self.indent = Some(0);
        }
    }

    /// Notes the first later line that begins as the value did.
    fn note_line(&mut self, byte: u8) {
        let Some(indent) = self.indent else { return };
        if byte.is_ascii_whitespace() {
            self.indent = Some(indent + 1);
            return;
        }
        self.indent = None;
        if byte == b'{' && self.own_indent == Some(indent) && self.cut.is_none() {
            self.cut = Some(End { length: self.length - indent, is_broken: true, ..self.end() });
        }
    }

    fn step(&mut self, byte: u8) -> Next {
        match (self.text, byte) {
            (Text::Inside | Text::Escape, b'\n') => return self.break_text(),
            (Text::Escape, _) => self.text = Text::Inside,
            (Text::Inside, b'\\') => self.text = Text::Escape,
            (Text::Inside, b'"') => return self.end_text(),
            (Text::Inside, _) => {}
            (Text::Outside, _) if self.kind == Kind::Bare => return self.step_bare(byte),
            (Text::Outside, b'"') => self.text = Text::Inside,
            (Text::Outside, b'{' | b'[') => {
                self.objects += usize::from(byte == b'{');
                self.open.push(byte);
            }
            (Text::Outside, b'}') => return self.close(b'{'),
            (Text::Outside, b']') => return self.close(b'['),
            (Text::Outside, _) => {}
        }
        Next::Goes
    }

    fn step_bare(&self, byte: u8) -> Next {
        match byte {
            b'\n' => Next::Ended,
            b',' | b']' | b'{' if self.in_array && self.length > 0 => Next::Ended,
            _ => Next::Goes,
        }
    }

    fn end_text(&mut self) -> Next {
        self.text = Text::Outside;
        match self.kind {
            Kind::Text => Next::Ends,
            _ => Next::Goes,
        }
    }

    /// JSON has no line ends within texts: a quote is missing.
    fn break_text(&mut self) -> Next {
        self.is_broken = true;
        self.text = Text::Outside;
        match self.kind {
            Kind::Text => Next::Ended,
            _ => Next::Goes,
        }
    }

    /// A closing bracket closes what was opened within its own opening bracket too.
    fn close(&mut self, opening: u8) -> Next {
        let arrays = self.open.len() - self.objects;
        if (opening == b'{' && self.objects == 0) || (opening == b'[' && arrays == 0) {
            self.is_broken = true;
            let ends_outer = self.in_array && opening == b'[';
            return if ends_outer { Next::Ended } else { Next::Goes };
        }
        // What is searched is removed, so each bracket is searched once.
        while let Some(open) = self.open.pop() {
            self.objects -= usize::from(open == b'{');
            if open == opening {
                break;
            }
            self.is_broken = true;
        }
        match self.open.is_empty() {
            true => Next::Ends,
            false => Next::Goes,
        }
    }
}
