//! Guesses which known name a misspelt name means.

/// Help for an unknown name: ``did you mean `workers`?``, or the list of known names if none is
/// near.
#[must_use]
pub fn help(name: &str, known: &[&str]) -> Option<String> {
    match nearest(name, known) {
        Some(nearest) => Some(format!("did you mean `{nearest}`?")),
        None if known.is_empty() => None,
        None => Some(format!("known names: {}", list(known))),
    }
}

/// The names in backticks, separated by commas.
#[must_use]
pub fn list(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The known name with the fewest different letters, if at most a third of the letters differ.
/// rustc uses the same measure.
#[must_use]
pub fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let slips =
        |candidate: &str| strsim::osa_distance(&name.to_lowercase(), &candidate.to_lowercase());
    let most = name.chars().count().max(3) / 3;
    let close = known.iter().filter(|candidate| slips(candidate) <= most);
    close.min_by_key(|candidate| slips(candidate)).copied()
}
