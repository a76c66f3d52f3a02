use l0_stage::text::printable;

/// Stored text is hostile, and what another process says may be: nothing of it may steer a terminal or turn
/// the text around it. Line breaks stay.
pub fn printable_lines(text: &str) -> String {
    text.split('\n').map(printable).collect::<Vec<_>>().join("\n")
}
