/// Stored text is hostile, and what another process says may be: nothing of it may steer a terminal,
/// break a line, or turn the text around it.
pub use l0_stage::text::printable;

/// The same of a text of several lines.
pub fn printable_lines(text: &str) -> String {
    text.split('\n').map(printable).collect::<Vec<_>>().join("\n")
}
