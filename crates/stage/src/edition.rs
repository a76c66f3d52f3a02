/// Which contents of a store its ids mean. Who keeps documents by id lets them go when the edition
/// that is there does not follow the one they were read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edition {
    /// Changes when the store is replaced by another, or emptied; its form is the sink's own.
    pub identity: String,
    /// The highest id given so far. Lower than before means that ids are given again.
    pub highest: i64,
}

impl Edition {
    /// Whether ids still mean what they meant in `earlier`.
    #[must_use]
    pub fn follows(&self, earlier: &Self) -> bool {
        self.identity == earlier.identity && self.highest >= earlier.highest
    }
}
