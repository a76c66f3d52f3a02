//! Reads from the statements in `sqlite_master` what no pragma tells: CHECKs, the names that an
//! expression reads, triggers, and conflict clauses.

use super::sql::{Kind, Token, tokens};

/// A CHECK: how a refusal names it, and the names that it reads.
pub(crate) struct FoundCheck {
    pub says: String,
    pub reads: Vec<String>,
}

/// The CHECKs of a CREATE TABLE. SQLite names one by its constraint's name, or otherwise by its
/// expression.
pub(crate) fn checks(create: &str) -> Vec<FoundCheck> {
    let tokens = tokens(create);
    let (mut depth, mut name, mut checks) = (0_usize, None, Vec::new());
    let mut places = 0..tokens.len();
    while let Some(at) = places.next() {
        let (token, next) = (&tokens[at], tokens.get(at + 1));
        match depth {
            _ if token.is_mark("(") => depth += 1,
            _ if token.is_mark(")") => depth = depth.saturating_sub(1),
            1 if token.is_mark(",") => name = None,
            1 if token.is_keyword("CONSTRAINT") => name = next.map(Token::unquoted),
            1 if token.is_keyword("CHECK") && next.is_some_and(|it| it.is_mark("(")) => {
                let end = closing(&tokens, at + 1);
                checks.push(check(create, &tokens[at + 1..end], name.as_ref(), tokens.get(end)));
                places.start = end + 1;
            }
            _ => {}
        }
    }
    checks
}

/// The index of the bracket that closes the one at `open`.
fn closing(tokens: &[Token<'_>], open: usize) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        depth += usize::from(token.is_mark("("));
        depth -= usize::from(token.is_mark(")"));
        if depth == 0 {
            return at;
        }
    }
    tokens.len()
}

/// Reads one CHECK. `opened` holds the tokens from its opening bracket up to its closing one.
fn check(
    create: &str,
    opened: &[Token<'_>],
    name: Option<&String>,
    close: Option<&Token<'_>>,
) -> FoundCheck {
    let reads = names_read(&opened[1..]);
    let text = || {
        let from = opened[0].at + 1;
        let until = close.map_or(create.len(), |it| it.at);
        match opened.get(1) {
            // If the expression begins with a quoted name or text, SQLite names the CHECK by that
            // alone, without its quotes.
            Some(first) if matches!(first.kind, Kind::Quoted | Kind::Text) => first.unquoted(),
            _ => create.get(from..until).unwrap_or_default().trim().to_owned(),
        }
    };
    FoundCheck { says: name.cloned().unwrap_or_else(text), reads }
}

/// Every name in these tokens that may be the name of a column, in lower case.
pub(crate) fn names_read(tokens: &[Token<'_>]) -> Vec<String> {
    let mut names = Vec::new();
    let mut is_type = false;
    for (at, token) in tokens.iter().enumerate() {
        let is_before = |mark| tokens.get(at + 1).is_some_and(|it| it.is_mark(mark));
        let is_collation = at.checked_sub(1).is_some_and(|it| tokens[it].is_keyword("COLLATE"));
        is_type = match is_type {
            true => !token.is_mark(")"),
            false => token.is_keyword("AS"),
        };
        let is_function = token.kind == Kind::Bare && is_before("(");
        if token.is_name() && !is_type && !is_collation && !is_function && !is_before(".") {
            names.push(token.unquoted().to_ascii_lowercase());
        }
    }
    names
}

/// The names that a CREATE INDEX reads, in its keys and its predicate.
pub(crate) fn index_reads(create: &str) -> Vec<String> {
    let tokens = tokens(create);
    let open = tokens.iter().position(|it| it.is_mark("(")).unwrap_or(tokens.len());
    names_read(&tokens[open..])
}

/// Whether a CREATE TABLE has a constraint that deletes rows which conflict with a new one.
pub(crate) fn replaces(create: &str) -> bool {
    let clause = ["ON", "CONFLICT", "REPLACE"];
    let is_clause = |it: &[Token<'_>]| it.iter().zip(clause).all(|(it, word)| it.is_keyword(word));
    tokens(create).windows(clause.len()).any(is_clause)
}

/// Whether a CREATE TRIGGER is for an INSERT.
pub(crate) fn is_at_insert(create: &str) -> bool {
    head_has(create, "INSERT")
}

/// Whether the trigger belongs to a view.
pub(crate) fn is_instead(create: &str) -> bool {
    head_has(create, "INSTEAD")
}

/// Whether a keyword stands between the name of a trigger and the name of its table.
fn head_has(create: &str, keyword: &str) -> bool {
    let tokens = tokens(create);
    let head = tokens.iter().skip(3).take_while(|it| !it.is_keyword("ON"));
    head.into_iter().any(|it| it.is_keyword(keyword))
}

/// Whether the body of a CREATE TRIGGER names a table, so that it may write to it.
pub(crate) fn may_write(create: &str, table: &str) -> bool {
    let tokens = tokens(create);
    let body = tokens.iter().skip_while(|it| !it.is_keyword("BEGIN"));
    body.into_iter().any(|it| it.kind != Kind::Mark && it.unquoted().eq_ignore_ascii_case(table))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::proptest;

    use super::*;

    #[test]
    fn a_check_is_found_under_the_name_that_a_refusal_says() {
        let create = "CREATE TABLE t (a INT CONSTRAINT \"named it\" NOT NULL CHECK (a > 0),
            b TEXT DEFAULT (lower('CHECK (x)')) CHECK ( length(b) < 5 AND t.c <> cast(a AS b) ),
            c, CHECK (\"c\" > 1), CONSTRAINT last CHECK (b COLLATE c IN ('a')))";
        let found: Vec<_> = checks(create).into_iter().map(|it| (it.says, it.reads)).collect();
        let says: Vec<_> = found.iter().map(|(says, _)| says.as_str()).collect();
        assert_eq!(says, ["named it", "length(b) < 5 AND t.c <> cast(a AS b)", "c", "last"]);
        assert_eq!(found[0].1, ["a"]);
        assert_eq!(found[1].1, ["b", "and", "c", "a"]);
        assert_eq!(found[2].1, ["c"]);
        assert_eq!(found[3].1, ["b", "collate"]);
    }

    #[test]
    fn an_index_reads_its_expressions_and_its_predicate() {
        let create = "CREATE UNIQUE INDEX i ON t (lower(A), \"b c\") WHERE d IS NOT NULL";
        assert_eq!(index_reads(create), ["a", "b c", "where", "d", "is", "not", "null"]);
    }

    #[test]
    fn a_trigger_tells_when_it_works_and_whom_it_may_write_to() {
        let at_insert = "CREATE TRIGGER \"update\" AFTER INSERT ON t BEGIN DELETE FROM [U]; END";
        assert!(is_at_insert(at_insert));
        assert!(may_write(at_insert, "u") && !may_write(at_insert, "t"));
        let at_update = "CREATE TRIGGER i UPDATE OF a ON t BEGIN INSERT INTO t VALUES (1); END";
        assert!(!is_at_insert(at_update) && may_write(at_update, "t"));
    }

    #[test]
    fn a_constraint_that_replaces_is_found() {
        assert!(replaces("CREATE TABLE t (a UNIQUE on /* */ conflict replace)"));
        assert!(!replaces("CREATE TABLE t (a UNIQUE ON CONFLICT IGNORE, replace)"));
    }

    proptest! {
        #[test]
        fn any_text_can_be_read(sql in "(CHECK|CONSTRAINT|AS|[(),.'\"a ]){0,30}") {
            let _ = (checks(&sql), index_reads(&sql), replaces(&sql), is_at_insert(&sql));
        }
    }
}
