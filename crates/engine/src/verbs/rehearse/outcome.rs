use l0_stage::Rejection;
use l0_stage::rehearsal::TableRows;

/// The result of one test of `[[tests]]`.
#[derive(Debug)]
pub struct Tested {
    /// The name of the test.
    pub name: String,
    /// The file, and the line of the test's header.
    pub place: Option<(String, usize)>,
    /// Whether the test passed, failed or was ignored.
    pub verdict: Judgement,
    /// The rows that the message becomes. Empty if they are not known.
    pub rows: Vec<TableRows>,
    /// Why the message was rejected. `None` if it was not rejected.
    pub rejection: Option<Rejection>,
}

/// Whether a test passed, failed or was ignored.
#[derive(Debug)]
pub enum Judgement {
    /// The outcome of the message is what the test expects.
    Passed,
    /// The test cannot be decided without the database, for this reason.
    Ignored(String),
    /// The outcome of the message differs from what the test expects.
    Failed(Failed),
}

/// How the outcome differs from what the test expects.
#[derive(Debug)]
pub struct Failed {
    /// The difference in one line.
    pub message: String,
    /// The values that differ. Empty if the outcome differs in another way.
    pub differences: Vec<Difference>,
}

/// A value of a row that differs from the expected value.
#[derive(Debug, PartialEq, Eq)]
pub struct Difference {
    /// The table of the value.
    pub table: String,
    /// The row of a child table, counted from 0. `None` for the table of documents.
    pub row: Option<usize>,
    /// The column of the value.
    pub column: String,
    /// The expected value as the test writes it.
    pub expected: String,
    /// The value that was found, as text.
    pub found: String,
}

impl Failed {
    pub(super) fn because(message: impl Into<String>) -> Self {
        Self { message: message.into(), differences: Vec::new() }
    }
}

/// Finds the place of the mistake in the detail of a rejection. It is the JSON pointer at the
/// beginning of the detail, or else the first pointer in backticks. `document` means the whole
/// document.
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
