use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de};

use super::bucket::Bucket;
use super::subject::{covers, is_literal, overlap};

/// The subjects to receive: one subject, or a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subjects(Vec<String>);

impl Subjects {
    pub(crate) fn all(&self) -> &[String] {
        &self.0
    }

    /// The subjects that messages can be published to: without a wildcard, and not of a bucket,
    /// whose values are not ours to write.
    pub(crate) fn literal(&self) -> impl Iterator<Item = &String> {
        self.0.iter().filter(|subject| is_literal(subject) && Bucket::of(subject).is_none())
    }

    /// The bucket of the first subject that belongs to one. `None` if no subject does.
    pub(crate) fn bucket(&self) -> Option<Bucket<'_>> {
        self.0.iter().find_map(|subject| Bucket::of(subject))
    }

    /// The subjects that are not completely covered by the subjects `wide`. `None` if all are
    /// covered.
    pub(crate) fn beyond(&self, wide: &[impl AsRef<str>]) -> Option<Self> {
        let is_covered = |subject: &String| wide.iter().any(|wide| covers(wide.as_ref(), subject));
        let beyond: Vec<_> = self.0.iter().filter(|it| !is_covered(it)).cloned().collect();
        (!beyond.is_empty()).then_some(Self(beyond))
    }

    /// The first subject that overlaps with one of these.
    pub(crate) fn shared_with(&self, others: &[&str]) -> Option<&str> {
        let is_shared = |subject: &&String| others.iter().any(|other| overlap(other, subject));
        self.0.iter().find(is_shared).map(String::as_str)
    }

    /// The pairs of subjects that overlap. A durable cannot have both of a pair.
    pub(crate) fn overlaps(&self) -> Vec<(&str, &str)> {
        let pairs = self.0.iter().enumerate().flat_map(|(at, one)| {
            self.0[at + 1..].iter().map(move |other| (one.as_str(), other.as_str()))
        });
        pairs.filter(|(one, other)| overlap(one, other)).collect()
    }
}

impl From<&str> for Subjects {
    fn from(subject: &str) -> Self {
        Self(vec![subject.to_owned()])
    }
}

/// `subject X`, or `subjects X, Y`.
impl fmt::Display for Subjects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.0.len() == 1 { "" } else { "s" };
        write!(f, "subject{plural} {}", self.0.join(", "))
    }
}

/// The same with the names in quotes, for sentences.
pub(crate) fn quoted(subjects: &Subjects) -> String {
    let plural = if subjects.0.len() == 1 { "" } else { "s" };
    format!("subject{plural} `{}`", subjects.0.join("`, `"))
}

impl<'de> Deserialize<'de> for Subjects {
    /// A list from a variable or `--set` is a text. Only a field that asks for a list gets it as a
    /// list.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(OneOrMore)
    }
}

struct OneOrMore;

impl<'de> de::Visitor<'de> for OneOrMore {
    type Value = Subjects;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a list of texts")
    }

    fn visit_str<E: de::Error>(self, subject: &str) -> Result<Subjects, E> {
        Ok(subject.into())
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Subjects, A::Error> {
        let mut subjects = Vec::new();
        while let Some(subject) = list.next_element()? {
            subjects.push(subject);
        }
        Ok(Subjects(subjects))
    }
}

impl JsonSchema for Subjects {
    fn schema_name() -> Cow<'static, str> {
        "Subjects".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": ["string", "array"], "items": {"type": "string"}, "minItems": 1})
    }
}
