/// The rule for names of variables, as messages state it.
pub(crate) const RULE: &str = "a name is letters, digits and `_`, and does not start with a digit";

/// Whether a text can be the name of a variable.
pub(crate) fn is_valid(name: &str) -> bool {
    let starts = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    starts && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
