use l0_stage::{Document, Rejection, Validator};

use super::{Contain, Guard};

struct Contained {
    stage: Box<dyn Validator>,
    guard: Guard,
}

impl Contain for dyn Validator {
    fn contained(self: Box<Self>, guard: Guard) -> Box<Self> {
        Box::new(Contained { stage: self, guard })
    }
}

impl Validator for Contained {
    fn validate(&self, document: &Document) -> Result<(), Rejection> {
        let validated = self.guard.call(|| self.stage.validate(document));
        validated.unwrap_or_else(|panicked| Err(panicked.rejection()))
    }

    fn hash(&self) -> Option<String> {
        self.guard.call(|| self.stage.hash()).unwrap_or_default()
    }
}
