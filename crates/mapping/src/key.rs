use std::borrow::Cow;
use std::fmt;

/// The value of the key column in its canonical form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key<'a> {
    /// Of a text column.
    Text(Cow<'a, str>),
    /// Of a bigint column.
    Int(i64),
    /// Of a uuid column.
    Uuid(u128),
}

/// Prints it as the database does.
impl fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Int(int) => int.fmt(f),
            Self::Uuid(uuid) => {
                let digits = format!("{uuid:032x}");
                let (a, b, c) = (&digits[..8], &digits[8..12], &digits[12..16]);
                write!(f, "{a}-{b}-{c}-{}-{}", &digits[16..20], &digits[20..])
            }
        }
    }
}
