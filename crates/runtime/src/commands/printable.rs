/// Stored text is hostile, and what another process says may be: nothing of it may steer a terminal or
/// break a line.
pub fn printable(text: &str) -> String {
    let visible = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.into() };
    text.chars().map(visible).collect()
}
