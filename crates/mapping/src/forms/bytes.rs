//! Reads bytes from base64 (RFC 4648, sections 4 and 5) or from hexadecimal digits.

use base64::Engine as _;
use base64::alphabet::{Alphabet, STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Reads bytes from hexadecimal digits.
pub(crate) fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|it| u8::try_from(it).ok());
    let pairs = text.as_bytes().chunks(2).map(|pair| match pair {
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    });
    pairs.collect()
}

/// Reads bytes from hexadecimal digits after `\x`, as Postgres prints them, or else from base64.
/// The two forms cannot be confused, because base64 has no backslash.
pub(crate) fn either(text: &str) -> Option<Vec<u8>> {
    match text.strip_prefix("\\x") {
        Some(digits) => hexadecimal(digits),
        None => base64(text, &STANDARD).or_else(|| base64(text, &URL_SAFE)),
    }
}

/// Prints bytes as Postgres does: `\x` and hexadecimal digits.
pub(crate) fn printed(bytes: &[u8]) -> String {
    bytes.iter().fold("\\x".to_owned(), |text, byte| text + &format!("{byte:02x}"))
}

/// Reads base64, with or without padding. The unused bits of the last character must be zero.
fn base64(text: &str, alphabet: &Alphabet) -> Option<Vec<u8>> {
    let config = GeneralPurposeConfig::new();
    let config = config.with_decode_padding_mode(DecodePaddingMode::Indifferent);
    GeneralPurpose::new(alphabet, config).decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_in_both_alphabets_with_and_without_its_padding() {
        for (text, bytes) in [
            ("", &b""[..]),
            ("aA==", b"h"),
            ("aA", b"h"),
            ("aGU=", b"he"),
            ("aGVsbG8=", b"hello"),
            ("/+8A", &[0xff, 0xef, 0]),
            ("_-8A", &[0xff, 0xef, 0]),
        ] {
            assert_eq!(either(text).as_deref(), Some(bytes), "{text}");
        }
    }

    #[test]
    fn what_is_not_base64_is_none() {
        for text in ["a", "aB==", "a=A=", "aGVsbG8\n", "_+8A", "====", "aGU=aGU="] {
            assert_eq!(either(text), None, "{text}");
        }
    }

    #[test]
    fn hexadecimal_digits_stand_after_their_mark_or_where_the_mapping_says_so() {
        assert_eq!(either("\\x68eF").as_deref(), Some(&[0x68, 0xef][..]));
        assert_eq!(hexadecimal("68eF").as_deref(), Some(&[0x68, 0xef][..]));
        assert_eq!((either("\\x6"), hexadecimal("6x")), (None, None));
    }
}
