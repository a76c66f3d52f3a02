//! Recognises the encoding of an input by its first bytes.

use std::fmt;

/// The byte order mark that some editors and programs write before UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// Compressed formats, by the bytes with which they begin.
const PACKED: [(&[u8], &str); 4] =
    [(b"\x28\xb5\x2f\xfd", "zstd"), (b"\xfd7zX", "xz"), (b"PK\x03\x04", "zip"), (b"BZh", "bzip2")];

/// The encoding of an input, as far as its first bytes show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// UTF-8, or something that looks like it.
    Utf8,
    /// UTF-8 that begins with a byte order mark.
    MarkedUtf8,
    /// UTF-16 in either byte order.
    Utf16,
    /// Bytes compressed by gzip.
    Gzip,
    /// Another compressed format, with its name.
    Packed(&'static str),
}

impl Coding {
    /// The number of bytes that is enough to decide.
    pub const DECIDING: usize = 4;

    /// Decides by the first bytes of an input. `bytes` must be the whole input or at least
    /// [`DECIDING`](Self::DECIDING) bytes.
    ///
    /// A byte order mark of UTF-16 counts only if an ASCII character follows, because JSON begins
    /// with ASCII. So a line of arbitrary bytes is not mistaken for UTF-16.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let packed = PACKED.iter().find(|(begin, _)| bytes.starts_with(begin));
        match bytes {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0xff, 0xfe, c, 0, ..] | [0xfe, 0xff, 0, c, ..] if is_text(*c) => Self::Utf16,
            [a, 0, b, 0, ..] | [0, a, 0, b, ..] if is_text(*a) && is_text(*b) => Self::Utf16,
            _ if bytes.starts_with(MARK) => Self::MarkedUtf8,
            _ => packed.map_or(Self::Utf8, |(_, name)| Self::Packed(name)),
        }
    }

    /// The number of bytes of the byte order mark, which must be skipped.
    #[must_use]
    pub fn mark(self) -> usize {
        match self {
            Self::MarkedUtf8 => MARK.len(),
            _ => 0,
        }
    }
}

fn is_text(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\t' | b'\r' | b'\n')
}

impl fmt::Display for Coding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Utf8 => "UTF-8",
            Self::MarkedUtf8 => "UTF-8 with a byte order mark",
            Self::Utf16 => "UTF-16",
            Self::Gzip => "gzip",
            Self::Packed(name) => name,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_is_not_utf_8_and_packed_bytes_are_known_by_their_beginning() {
        let utf16 = |text: &str, order: fn(u16) -> [u8; 2]| -> Vec<u8> {
            text.encode_utf16().flat_map(order).collect()
        };
        for text in ["{}", "\u{feff}{\"ж\":1}", "[\n", "\u{feff}[", "\n {"] {
            assert_eq!(Coding::of(&utf16(text, u16::to_le_bytes)), Coding::Utf16, "{text:?}");
            assert_eq!(Coding::of(&utf16(text, u16::to_be_bytes)), Coding::Utf16, "{text:?}");
        }
        for (bytes, coding) in [
            (&b"\x1f\x8b\x08\0"[..], Coding::Gzip),
            (b"\x28\xb5\x2f\xfd", Coding::Packed("zstd")),
            (b"PK\x03\x04", Coding::Packed("zip")),
            ("\u{feff}{}".as_bytes(), Coding::MarkedUtf8),
        ] {
            assert_eq!(Coding::of(bytes), coding);
        }
    }

    #[test]
    fn arbitrary_bytes_are_not_taken_for_utf_16() {
        let odd =
            [b"\0\xff" as &[u8], b"\xff\xfe\0\n", b"\xff\xfe\x80 no text", b"\0", b"", b"a\0"];
        for bytes in odd {
            assert_eq!(Coding::of(bytes), Coding::Utf8, "{bytes:?}");
        }
    }
}
