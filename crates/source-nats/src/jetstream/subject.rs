use super::bucket::Bucket;

/// What is wrong with a subject to receive, if anything. A subject of a bucket is allowed.
pub(crate) fn problem_to_receive(subject: &str) -> Option<&'static str> {
    let is_of_stores = ["$KV.", "$O."].iter().any(|store| subject.starts_with(store));
    match Bucket::of(subject) {
        Some(_) => problem(subject.trim_start_matches('$')),
        None if is_of_stores => Some("does not name one bucket and keys of it"),
        None => problem(subject),
    }
}

/// What is wrong with a subject, if anything. Wildcards are allowed.
pub(crate) fn problem(subject: &str) -> Option<&'static str> {
    let tokens: Vec<_> = subject.split('.').collect();
    let is_bare = |token: &&str| token.len() == 1 || !token.contains(['*', '>']);
    if subject.chars().any(|c| c.is_whitespace() || c.is_control()) {
        Some("has white space")
    } else if tokens.contains(&"") {
        Some("has an empty token")
    } else if !tokens.iter().all(is_bare) {
        Some("has a wildcard that is not a token of its own")
    } else if tokens.iter().rev().skip(1).any(|token| *token == ">") {
        Some("goes on after `>`")
    } else if subject.starts_with('$') {
        Some("is reserved for the server")
    } else {
        None
    }
}

/// Whether messages can be published to the subject: it has no wildcard.
pub(crate) fn is_literal(subject: &str) -> bool {
    !subject.split('.').any(|token| token == "*" || token == ">")
}

/// Whether `wide` matches every subject that `narrow` matches.
pub(crate) fn covers(wide: &str, narrow: &str) -> bool {
    let (mut wide, mut narrow) = (wide.split('.'), narrow.split('.'));
    loop {
        match (wide.next(), narrow.next()) {
            (None, None) | (Some(">"), Some(_)) => return true,
            (Some("*"), Some(token)) if token != ">" => {}
            (Some(left), Some(right)) if left == right => {}
            _ => return false,
        }
    }
}

/// Whether any subject matches both.
pub(crate) fn overlap(one: &str, other: &str) -> bool {
    let (mut one, mut other) = (one.split('.'), other.split('.'));
    loop {
        match (one.next(), other.next()) {
            (None, None) | (Some(">"), Some(_)) | (Some(_), Some(">")) => return true,
            (Some("*"), Some(_)) | (Some(_), Some("*")) => {}
            (Some(left), Some(right)) if left == right => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stand_alone_and_the_rest_comes_last() {
        for good in ["order", "order.*.new", "order.>", "*", ">"] {
            assert_eq!(problem(good), None, "{good}");
        }
        for bad in ["", "a b", "a..b", ".a", "a.", "a*", "a.>.b", ">a", "a\tb", "$JS.API.>"] {
            assert!(problem(bad).is_some(), "{bad}");
        }
        for good in ["$KV.trips.>", "$KV.trips.eu.*", "$O.files.M.>", "order.>"] {
            assert_eq!(problem_to_receive(good), None, "{good}");
        }
        for bad in
            ["$KV.>", "$KV.*.a", "$KV.trips", "$KV.trips.a..b", "$O.*.M.>", "$JS.API.>", "$SYS.>"]
        {
            assert!(problem_to_receive(bad).is_some(), "{bad}");
        }
        assert!(is_literal("order.new") && !is_literal("order.*") && !is_literal("order.>"));
    }

    #[test]
    fn subjects_overlap_where_a_message_could_have_both() {
        for (one, other) in [
            ("a", "a"),
            ("a.*", "a.b"),
            ("a.*", "*.b"),
            ("a.>", "a.*"),
            (">", "a"),
            ("a.>", "*.b.c"),
        ] {
            assert!(overlap(one, other) && overlap(other, one), "{one} {other}");
        }
        for (one, other) in
            [("a", "b"), ("a", "a.b"), ("a.*", "a.b.c"), ("a.>", "a"), ("a.*", "b.>")]
        {
            assert!(!overlap(one, other) && !overlap(other, one), "{one} {other}");
        }
    }

    #[test]
    fn a_subject_covers_what_it_stands_for() {
        let covered = [("a", "a"), ("a.*", "a.b"), ("a.*", "a.*"), ("a.>", "a.b.c"), (">", "a.>")];
        for (wide, narrow) in covered {
            assert!(covers(wide, narrow), "{wide} {narrow}");
        }
        let open =
            [("a", "b"), ("a", "a.b"), ("a.b", "a"), ("a.*", "a.>"), ("a.b", "a.*"), ("a.>", "a")];
        for (wide, narrow) in open {
            assert!(!covers(wide, narrow), "{wide} {narrow}");
        }
    }
}
