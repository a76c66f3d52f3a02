//! Names in the spelling of SQL.

/// Turns a text into small letters and digits, with `_` between words. Empty if it has neither
/// letters nor digits.
pub fn snake(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut name = String::new();
    for (at, c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| chars.get(before));
        let starts_word = c.is_uppercase()
            && before.is_some_and(|before| {
                let ends_capitals = before.is_uppercase()
                    && chars.get(at + 1).is_some_and(|after| after.is_lowercase());
                before.is_lowercase() || before.is_numeric() || ends_capitals
            });
        if !c.is_alphanumeric() || starts_word {
            name.push('_');
        }
        name.extend(c.to_lowercase().filter(|c| c.is_alphanumeric()));
    }
    name.split('_').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("_")
}
