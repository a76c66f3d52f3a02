use l0_stage::Rejection;
use l0_stage::rehearsal::TableRows;

/// One test, and how it went.
#[derive(Debug)]
pub struct Tested {
    /// Its name.
    pub name: String,
    /// The file and the line of its header.
    pub place: Option<(String, usize)>,
    /// How it went.
    pub verdict: Judgement,
    /// The rows that its message becomes, as far as they are known.
    pub rows: Vec<TableRows>,
    /// Why its message is rejected, if it is.
    pub rejection: Option<Rejection>,
}

/// How a test went.
#[derive(Debug)]
pub enum Judgement {
    /// As expected.
    Passed,
    /// It cannot be decided like this, and why.
    Ignored(String),
    /// Not as expected.
    Failed(Failed),
}

/// What is not as expected.
#[derive(Debug)]
pub struct Failed {
    /// In one line.
    pub message: String,
    /// Values that are others.
    pub differences: Vec<Difference>,
}

/// A value that is another than the expected one.
#[derive(Debug, PartialEq, Eq)]
pub struct Difference {
    /// Its table.
    pub table: String,
    /// Its row of a child table, counted from 0.
    pub row: Option<usize>,
    /// Its column.
    pub column: String,
    /// As the test writes it.
    pub expected: String,
    /// As it is.
    pub found: String,
}

impl Failed {
    pub(super) fn because(message: impl Into<String>) -> Self {
        Self { message: message.into(), differences: Vec::new() }
    }
}

/// Where a rejection says that the mistake is: the pointer that its detail begins with or names
/// first, or `document`.
#[must_use]
pub fn place_of(rejection: &Rejection) -> Option<&str> {
    let detail = &rejection.detail;
    let begins = detail.starts_with('/') || detail.starts_with("document: ");
    match begins {
        true => detail.split(": ").next(),
        false => detail.split('`').skip(1).step_by(2).find(|quoted| quoted.starts_with('/')),
    }
}

#[cfg(test)]
mod tests {
    use l0_stage::Reason;

    use super::*;

    #[test]
    fn the_place_of_a_rejection_is_the_pointer_that_its_detail_names() {
        for (detail, place) in [
            ("/items/0/price: expected number (type)", Some("/items/0/price")),
            ("document: uid is missing (required)", Some("document")),
            ("`/payment/amount` (column `o.amount`) must be a number", Some("/payment/amount")),
            ("key `/uid` (column `uid`) is empty", Some("/uid")),
            ("`/items` is not an array", Some("/items")),
            ("expected value at line 1 column 1", None),
            ("postgres refused it with 23514, constraint `positive`", None),
        ] {
            let rejection = Rejection::new(Reason::UnfitValue, detail);
            assert_eq!(place_of(&rejection), place, "{detail}");
        }
    }
}
