//! Dotted paths into the configuration: `sink.postgres.table.children.0.name`.

/// The path of a member of a table or list.
pub(crate) fn join(path: &str, member: &str) -> String {
    match (path, member) {
        ("", member) => member.to_owned(),
        (path, "") => path.to_owned(),
        (path, member) => format!("{path}.{member}"),
    }
}

/// Splits a path into the path of its table and the name of the key in it.
pub(crate) fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('.').unwrap_or(("", path))
}

/// The path itself, then the tables around it, innermost first.
pub(crate) fn outwards(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| Some(split(path).0))
        .take_while(|path| !path.is_empty())
}

/// Whether two paths are equal, or one is a path below the other.
pub(crate) fn related(a: &str, b: &str) -> bool {
    let within = |inner: &str, outer: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    within(a, b) || within(b, a)
}

/// The header of a table: `[pipeline]`, or `[[children]]` for an element of a list.
pub(crate) fn heading(path: &str) -> String {
    let names: Vec<_> = path.split('.').filter(|segment| !is_index(segment)).collect();
    match is_index(split(path).1) {
        true => format!("[[{}]]", names.join(".")),
        false => format!("[{}]", names.join(".")),
    }
}

/// The part of a path that `l0-runtime explain` takes: a plain section, or a role with its kind.
pub(crate) fn explained(path: &str) -> String {
    let mut names = path.split('.');
    match (names.next(), names.next()) {
        (Some(section @ ("pipeline" | "produce" | "tests")), _) => section.to_owned(),
        (Some(role), Some(kind)) => format!("{role}.{kind}"),
        (name, _) => name.unwrap_or_default().to_owned(),
    }
}

/// A key within its section: `` `port` in [sink.postgres] ``.
pub(crate) fn named(path: &str) -> String {
    match split(path) {
        ("", key) => format!("`{key}`"),
        (list, last) if is_index(last) => format!("an element of {}", named(list)),
        (section, key) => format!("`{key}` in {}", heading(section)),
    }
}

fn is_index(segment: &str) -> bool {
    !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_digit())
}
