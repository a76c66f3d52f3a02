//! The rules at work.

use l0_stage::serde_json::Value;
use l0_stage::text::short_hash;
use l0_stage::{Document, Reason, Rejection, Validator};

use crate::config::{Range, RulesConfig};

/// A reason of its own: filters, counts and `[[tests]]` tell it from a missing value.
pub(crate) const OUT_OF_RANGE: &str = "out_of_range";

pub(crate) struct Rules(pub RulesConfig);

impl Validator for Rules {
    fn validate(&self, document: &Document) -> Result<(), Rejection> {
        let json = document.json();
        for pointer in &self.0.required {
            if json.pointer(pointer).is_none_or(Value::is_null) {
                return Err(rejection(format!("nothing at {pointer}")));
            }
        }
        self.0.ranges.iter().try_for_each(|range| range.validate(json))
    }

    /// Two instances with the same rules show the same hash.
    fn hash(&self) -> Option<String> {
        Some(short_hash(format!("{:?}", self.0).as_bytes()))
    }
}

impl Range {
    /// The detail names the place and the rule, and never the value.
    fn validate(&self, json: &Value) -> Result<(), Rejection> {
        let Self { at, min, max } = self;
        let Some(value) = json.pointer(at) else { return Ok(()) };
        let number = value.as_f64().filter(|number| number.is_finite());
        let number = number.ok_or_else(|| rejection(format!("not a number at {at}")))?;
        let outside = |detail| Err(Rejection::new(Reason::Other(OUT_OF_RANGE), detail));
        match (min, max) {
            (Some(min), _) if number < *min => outside(format!("less than {min} at {at}")),
            (_, Some(max)) if number > *max => outside(format!("more than {max} at {at}")),
            _ => Ok(()),
        }
    }
}

fn rejection(detail: String) -> Rejection {
    Rejection::new(Reason::SchemaViolation, detail)
}
