/// Parses a UUID, but only in the canonical form: 32 hexadecimal digits with hyphens, in upper or
/// lower case.
pub(crate) fn parse(text: &str) -> Option<u128> {
    let hyphens = [8, 13, 18, 23];
    let shaped = text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| {
            if hyphens.contains(&at) { byte == b'-' } else { byte.is_ascii_hexdigit() }
        });
    shaped.then(|| u128::from_str_radix(&text.replace('-', ""), 16).ok()).flatten()
}
