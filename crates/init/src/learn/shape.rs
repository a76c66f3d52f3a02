//! The shape of samples: what was seen at one path.

use std::collections::HashMap;

use super::scalar::{Number, Text};
use super::tree::Json;

/// Counts of the values at one path.
#[derive(Debug, Default, Clone)]
pub struct Shape {
    /// How many values were seen at this path, `null` included.
    pub present: usize,
    pub nulls: usize,
    pub booleans: usize,
    pub integers: usize,
    pub decimals: usize,
    /// Numbers with more digits than a database keeps.
    pub endless: usize,
    pub texts: Texts,
    pub objects: usize,
    pub arrays: usize,
    /// The most elements of one array.
    pub most_elements: usize,
    /// The shape of all elements of all arrays.
    pub element: Option<Box<Shape>>,
    pub members: Members,
}

/// Counts of texts, by what they could be.
#[derive(Debug, Default, Clone)]
pub struct Texts {
    pub count: usize,
    pub numbers: usize,
    pub times: usize,
    pub dates: usize,
    pub uuids: usize,
    /// Long random texts, such as digests and generated identifiers.
    pub digests: usize,
    pub empty: usize,
    /// Characters of the longest text.
    pub longest: usize,
}

/// Members of objects in the order in which they were first seen.
#[derive(Debug, Default, Clone)]
pub struct Members {
    list: Vec<(String, Shape)>,
    places: HashMap<String, usize>,
}

impl Members {
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Shape)> {
        self.list.iter().map(|(name, shape)| (name.as_str(), shape))
    }

    pub fn len(&self) -> usize {
        self.list.len()
    }

    pub fn get(&self, name: &str) -> Option<&Shape> {
        self.places.get(name).and_then(|place| self.list.get(*place)).map(|(_, shape)| shape)
    }

    fn observe(&mut self, name: &str, value: &Json) {
        let place = *self.places.entry(name.to_owned()).or_insert_with(|| {
            self.list.push((name.to_owned(), Shape::default()));
            self.list.len() - 1
        });
        if let Some((_, shape)) = self.list.get_mut(place) {
            shape.observe(value);
        }
    }
}

impl Shape {
    /// The common shape of these values.
    pub fn of<'a>(values: impl IntoIterator<Item = &'a Json>) -> Self {
        let mut shape = Self::default();
        values.into_iter().for_each(|value| shape.observe(value));
        shape
    }

    fn observe(&mut self, value: &Json) {
        self.present += 1;
        match value {
            Json::Null => self.nulls += 1,
            Json::Boolean(_) => self.booleans += 1,
            Json::Number(digits) => match Number::of(digits) {
                Number::Integer => self.integers += 1,
                Number::Decimal => self.decimals += 1,
                Number::Endless => self.endless += 1,
            },
            Json::Text(text) => self.texts.observe(text),
            Json::Array(elements) => {
                self.arrays += 1;
                self.most_elements = self.most_elements.max(elements.len());
                let element = self.element.get_or_insert_default();
                elements.iter().for_each(|value| element.observe(value));
            }
            Json::Object(members) => {
                self.objects += 1;
                members.iter().for_each(|(name, value)| self.members.observe(name, value));
            }
        }
    }

    pub fn numbers(&self) -> usize {
        self.integers + self.decimals + self.endless
    }

    pub fn scalars(&self) -> usize {
        self.booleans + self.numbers() + self.texts.count
    }

    /// Whether every value was an object or `null`, and one was an object.
    pub fn is_object(&self) -> bool {
        self.objects > 0 && self.scalars() + self.arrays == 0
    }

    /// Whether every value was an array or `null`, and one was an array.
    pub fn is_array(&self) -> bool {
        self.arrays > 0 && self.scalars() + self.objects == 0
    }

    /// The shape at a path of member names.
    pub fn get(&self, path: &[String]) -> Option<&Self> {
        path.iter().try_fold(self, |shape, name| shape.members.get(name))
    }
}

impl Texts {
    fn observe(&mut self, text: &str) {
        self.count += 1;
        self.longest = self.longest.max(text.chars().count());
        self.empty += usize::from(text.is_empty());
        match Text::of(text) {
            Text::Number => self.numbers += 1,
            Text::Time => self.times += 1,
            Text::Date => self.dates += 1,
            Text::Uuid => self.uuids += 1,
            Text::Digest => self.digests += 1,
            Text::Other => {}
        }
    }
}
