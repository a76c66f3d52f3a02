//! Finds the end of a JSON value, by its brackets and quotes alone.
//!
//! The content between brackets is not checked. A value that is wrong inside still ends at its
//! closing bracket, so the values after it are not affected. If the brackets themselves are wrong,
//! the value ends before the next line that has the same indentation and also begins with `{`.

/// The end of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct End {
    /// The length of the value in bytes.
    pub length: usize,
    /// The number of line breaks within the value.
    pub lines: u64,
    /// Whether brackets or quotes of the value are wrong.
    pub is_broken: bool,
}

/// The search for the end of one value.
#[derive(Debug)]
pub(crate) struct Scan {
    kind: Kind,
    /// Whether the value is an element of a top-level array.
    in_array: bool,
    /// The brackets that are open at present.
    open: Vec<u8>,
    /// How many of the open brackets are braces.
    objects: usize,
    text: Text,
    is_broken: bool,
    /// Whether the value must end before the next line that begins like its first line, even if its
    /// brackets are still open.
    ends_by_line: bool,
    /// How many bytes were scanned. `lines` counts the line breaks among these bytes.
    length: usize,
    lines: u64,
    /// The indentation of the present line so far. `None` after the line's first byte that is not
    /// white space.
    indent: Option<usize>,
    /// The indentation of the line in which the value began. `None` if the value is not an object
    /// at the beginning of a line.
    own_indent: Option<usize>,
    /// The end of the value if it is cut before the first line that begins like it.
    cut: Option<End>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Object,
    Array,
    Text,
    /// A number, a word, or something that is not JSON.
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
    /// This byte is the last one of the value.
    Ends,
}

impl Scan {
    /// Begins the search for a value whose first byte is `first`. `indent` is the indentation of
    /// the value, if nothing else stands before it in its line.
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

    /// Makes the value end before the next line that begins like its first line, even if its
    /// brackets are still open.
    pub fn end_by_line(&mut self) {
        self.ends_by_line = true;
    }

    /// How many bytes were scanned.
    pub fn seen(&self) -> usize {
        self.length
    }

    /// Whether an object or array is still open, and nothing was found wrong so far.
    pub fn is_open(&self) -> bool {
        !self.open.is_empty() && !self.is_broken && self.text == Text::Outside
    }

    /// The end of the value with which `bytes` begin. `None` if the value does not end within
    /// `bytes`. The next call must then pass the same bytes with more bytes after them.
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

    /// Remembers the first later line that begins like the first line of the value.
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

    /// Handles a line break within a text. JSON forbids it, so a closing quote is missing.
    fn break_text(&mut self) -> Next {
        self.is_broken = true;
        self.text = Text::Outside;
        match self.kind {
            Kind::Text => Next::Ended,
            _ => Next::Goes,
        }
    }

    /// Handles a closing bracket. Brackets that were opened within its pair and not closed are
    /// closed too.
    fn close(&mut self, opening: u8) -> Next {
        let arrays = self.open.len() - self.objects;
        if (opening == b'{' && self.objects == 0) || (opening == b'[' && arrays == 0) {
            self.is_broken = true;
            let ends_outer = self.in_array && opening == b'[';
            return if ends_outer { Next::Ended } else { Next::Goes };
        }
        // Each bracket is removed when it is looked at, so the total work is linear.
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
