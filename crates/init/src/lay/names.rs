//! Turns member names into identifiers that every sink accepts: letters, digits and `_`, at
//! most 63 bytes.

use std::collections::BTreeSet;

use crate::snake::snake;

/// The longest name that Postgres keeps (`NAMEDATALEN` - 1). It cuts off the rest.
const LONGEST: usize = 63;

/// Columns that every table of Postgres or SQLite has.
pub const SYSTEM_COLUMNS: &[&str] =
    &["cmax", "cmin", "ctid", "oid", "rowid", "_rowid_", "tableoid", "xmax", "xmin"];

/// Words that cannot name a column or table without quotes: they are reserved in Postgres 15 to 18
/// or in SQLite.
const KEYWORDS: &str = " add all alter analyse analyze and any array as asc asymmetric authorization \
autoincrement between binary both case cast check collate collation column commit concurrently \
constraint create cross current_catalog current_date current_role current_schema current_time \
current_timestamp current_user default deferrable delete desc distinct do drop else end escape \
except exists false fetch for foreign freeze from full grant group having if ilike in index \
initially inner insert intersect into is isnull join lateral leading left like limit localtime \
localtimestamp natural not nothing notnull null offset on only or order outer overlaps placing \
primary raise references returning right select session_user set similar some symmetric \
system_user table tablesample then to trailing transaction true union unique update user using \
values variadic verbose when where window with ";

/// A name in SQL, with quotes if it needs them.
pub fn quoted(name: &str) -> String {
    let is_plain = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    match is_plain && !KEYWORDS.contains(&format!(" {name} ")) {
        true => name.to_owned(),
        false => format!("\"{name}\""),
    }
}

/// A path as one identifier. If a name begins with the name of its parent, the parent's name is not
/// repeated.
pub fn identifier(path: &[String], otherwise: &str) -> String {
    let words: Vec<_> = path.iter().map(|name| snake(name)).filter(|it| !it.is_empty()).collect();
    let repeats = |(word, next): &(&String, &String)| next.starts_with(&format!("{word}_"));
    let repeated = words.iter().zip(words.iter().skip(1)).map(|pair| repeats(&pair));
    let repeated: Vec<_> = repeated.chain([false]).collect();
    let words: Vec<_> = words
        .into_iter()
        .zip(repeated)
        .filter(|(_, repeated)| !repeated)
        .map(|(it, _)| it)
        .collect();
    match words.join("_") {
        name if name.is_empty() => otherwise.to_owned(),
        name if name.starts_with(char::is_alphabetic) => cut(&name, LONGEST).to_owned(),
        name => cut(&format!("_{name}"), LONGEST).to_owned(),
    }
}

/// The name of a pipeline and its files, of any text.
pub fn pipeline(wanted: &str) -> String {
    cut(&identifier(&[wanted.to_owned()], "documents"), 40).to_owned()
}

/// The name, cut to this many bytes.
pub fn cut(name: &str, most: usize) -> &str {
    let ends = name.char_indices().map(|(at, c)| at + c.len_utf8());
    let end = ends.take_while(|end| *end <= most).last().unwrap_or_default();
    name.get(..end).unwrap_or(name)
}

/// Gives each name only once.
#[derive(Debug)]
pub struct Names {
    /// Names that are taken already.
    reserved: BTreeSet<String>,
    given: BTreeSet<String>,
    /// Prefixes of names that a database gives to objects of its own.
    of_databases: Vec<&'static str>,
    /// The prefix that makes a reserved name usable.
    prefix: &'static str,
}

impl Names {
    pub fn new<'a>(reserved: impl IntoIterator<Item = &'a str>, prefix: &'static str) -> Self {
        let reserved = reserved.into_iter().map(str::to_owned).collect();
        Self { reserved, given: BTreeSet::new(), of_databases: Vec::new(), prefix }
    }

    /// The wanted name, or a similar one if it is taken.
    pub fn claim(&mut self, wanted: &str) -> String {
        let prefix = if self.reserved.contains(wanted) { self.prefix } else { "" };
        let wanted = format!("{prefix}{wanted}");
        let numbered = (2..).map(|number: u64| {
            let number = format!("_{number}");
            format!("{}{number}", cut(&wanted, LONGEST - number.len()))
        });
        let first = std::iter::once(cut(&wanted, LONGEST).to_owned());
        let name = first.chain(numbered).find(|name| self.is_free(name)).unwrap_or_default();
        self.given.insert(name.clone());
        name
    }

    /// Whether a database may give this name to an object of its own.
    pub fn is_of_database(&self, relation: &str) -> bool {
        let ends = ["_key", "_pkey", "_seq"].iter().any(|end| relation.ends_with(end));
        ends || self.of_databases.iter().any(|begin| relation.starts_with(begin))
    }

    fn is_free(&self, name: &str) -> bool {
        !self.reserved.contains(name) && !self.given.contains(name)
    }
}

/// Names of tables and indexes, which share one namespace. A database names some of its own.
pub fn relations(of_databases: &[&'static str]) -> Names {
    let taken = ["dead_letters", "dead_letters_waiting", "dead_letters_document_key"];
    let names = Names::new(taken.into_iter().chain(["l0_migrations", "_sqlx_migrations"]), "l0_");
    Names { of_databases: of_databases.to_vec(), ..names }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(member: &str) -> String {
        identifier(&[member.to_owned()], "column")
    }

    #[test]
    fn a_member_name_becomes_a_plain_identifier() {
        for (member, expected) in [
            ("track_number", "track_number"),
            ("orderId", "order_id"),
            ("HTTPServer", "http_server"),
            ("Content-Type", "content_type"),
            ("a/b~c", "a_b_c"),
            ("24h", "_24h"),
            ("", "column"),
            ("\"); DROP TABLE x; --", "drop_table_x"),
            ("имя Клиента", "имя_клиента"),
            ("🙂", "column"),
        ] {
            assert_eq!(name(member), expected, "{member}");
        }
    }

    #[test]
    fn no_name_is_longer_than_63_bytes_or_given_twice() {
        let mut names = Names::new(["id"], "document_");
        let long = "ж".repeat(100);
        let given: Vec<_> = (0..12).map(|_| names.claim(&name(&long))).collect();
        assert!(given.iter().all(|name| name.len() <= 63), "{given:?}");
        assert_eq!(given.iter().collect::<BTreeSet<_>>().len(), 12);
        assert_eq!(names.claim("id"), "document_id");
        assert_eq!(names.claim("id"), "document_id_2");
        assert_eq!((names.claim("v"), names.claim("v")), ("v".to_owned(), "v_2".to_owned()));
    }

    #[test]
    fn words_of_sql_are_quoted() {
        assert_eq!(quoted("order"), "\"order\"");
        assert_eq!(quoted("имя"), "\"имя\"");
        assert_eq!(quoted("track_number"), "track_number");
    }
}
