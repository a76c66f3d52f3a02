use l0_stage::Rejection;
use l0_stage::rehearsal::TableRows;

/// The result of one test.
#[derive(Debug)]
pub struct Tested {
    /// The name of the test.
    pub name: String,
    /// The file and the line of the test's header.
    pub place: Option<(String, usize)>,
    /// The verdict on the test.
    pub verdict: Judgement,
    /// The rows that the message becomes, as far as they are known.
    pub rows: Vec<TableRows>,
    /// Why the message is rejected, if it is.
    pub rejection: Option<Rejection>,
}

/// The verdict on a test.
#[derive(Debug)]
pub enum Judgement {
    /// The message became what the test expects.
    Passed,
    /// The test cannot be decided without the database, for this reason.
    Ignored(String),
    /// The message became something else.
    Failed(Failed),
}

/// What differs from the expectation.
#[derive(Debug)]
pub struct Failed {
    /// The difference in one line.
    pub message: String,
    /// The values that differ.
    pub differences: Vec<Difference>,
}

/// A value that differs from the expected one.
#[derive(Debug, PartialEq, Eq)]
pub struct Difference {
    /// The table.
    pub table: String,
    /// The row, for a child table; counted from 0.
    pub row: Option<usize>,
    /// The column.
    pub column: String,
    /// The expected value as the test writes it.
    pub expected: String,
    /// The value that was found.
    pub found: String,
}

impl Failed {
    pub(super) fn because(message: impl Into<String>) -> Self {
        Self { message: message.into(), differences: Vec::new() }
    }
}

/// Finds in the detail of a rejection where the mistake is: the JSON pointer at its beginning,
/// otherwise the first one that it names. `document` means all of the document.
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
