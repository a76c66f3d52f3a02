//! JSON pointers, and the member names in them.

/// The JSON pointer (RFC 6901) of a path of member names.
pub fn of(path: &[String]) -> String {
    let escape = |name: &String| name.replace('~', "~0").replace('/', "~1");
    path.iter().map(|name| format!("/{}", escape(name))).collect()
}

/// The member names of a pointer.
///
/// # Errors
/// It does not start with `/`, or has a `~` that escapes nothing.
pub fn parse(text: &str) -> Result<Vec<String>, String> {
    if !text.starts_with('/') {
        return Err(format!("`{text}` is not a JSON pointer: write `/{text}`"));
    }
    if text.replace("~0", "").replace("~1", "").contains('~') {
        return Err(format!("`{text}` is not a JSON pointer: `~` is written `~0`, `/` is `~1`"));
    }
    let unescape = |name: &str| name.replace("~1", "/").replace("~0", "~");
    Ok(text.split('/').skip(1).map(unescape).collect())
}
