use l0_stage::text::printable;

/// Makes a text from outside safe for a terminal: stored text, or what another process said. The
/// result cannot control the terminal or reverse the text around it. Line breaks stay.
pub fn printable_lines(text: &str) -> String {
    text.split('\n').map(printable).collect::<Vec<_>>().join("\n")
}
