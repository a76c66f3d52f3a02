use indexmap::IndexMap;
use serde_json::value::RawValue;

/// A JSON value that keeps its source text: members keep their order, and numbers and strings keep
/// their exact characters.
#[derive(Debug, Clone)]
pub enum Node {
    /// The members of an object, in the order of the source text.
    Object(IndexMap<String, Node>),
    /// The elements of an array.
    Array(Vec<Node>),
    /// Any other value, as its source text.
    Scalar(String),
}

impl Node {
    /// # Errors
    /// The text is not JSON.
    pub fn parse(text: &str) -> serde_json::Result<Self> {
        match text.trim_start().as_bytes().first() {
            Some(b'{') => {
                let members: IndexMap<String, &RawValue> = serde_json::from_str(text)?;
                let members = members.into_iter().map(|(name, raw)| Ok((name, Self::of(raw)?)));
                Ok(Self::Object(members.collect::<serde_json::Result<_>>()?))
            }
            Some(b'[') => {
                let items: Vec<&RawValue> = serde_json::from_str(text)?;
                let items = items.into_iter().map(Self::of);
                Ok(Self::Array(items.collect::<serde_json::Result<_>>()?))
            }
            _ => serde_json::from_str::<&RawValue>(text).map(|raw| Self::Scalar(raw.to_string())),
        }
    }

    fn of(raw: &RawValue) -> serde_json::Result<Self> {
        Self::parse(raw.get())
    }

    /// The values that a JSON pointer names. `*` in the pointer means every element of an array.
    pub fn at(&mut self, pointer: &str) -> Vec<&mut Self> {
        let mut found = vec![self];
        for token in pointer.split('/').skip(1) {
            let token = token.replace("~1", "/").replace("~0", "~");
            let deeper = found.into_iter().flat_map(|node| match node {
                Self::Array(items) => {
                    let named = |at: usize| token == "*" || token.parse() == Ok(at);
                    let items = items.iter_mut().enumerate().filter(|(at, _)| named(*at));
                    items.map(|(_, item)| item).collect::<Vec<_>>()
                }
                Self::Object(members) => members.get_mut(&token).into_iter().collect(),
                Self::Scalar(_) => Vec::new(),
            });
            found = deeper.collect();
        }
        found
    }

    /// The text of a JSON string. `None` for any other value.
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Scalar(raw) => serde_json::from_str(raw).ok(),
            Self::Object(_) | Self::Array(_) => None,
        }
    }

    /// Replaces this value by a JSON string.
    pub fn set_text(&mut self, text: &str) {
        *self = Self::Scalar(quoted(text));
    }

    /// The value as JSON, without white space between its parts.
    pub fn render(&self) -> String {
        let list = |parts: Vec<String>| parts.join(",");
        match self {
            Self::Scalar(raw) => raw.clone(),
            Self::Array(items) => format!("[{}]", list(items.iter().map(Self::render).collect())),
            Self::Object(members) => {
                let members = members.iter();
                let members =
                    members.map(|(name, node)| format!("{}:{}", quoted(name), node.render()));
                format!("{{{}}}", list(members.collect()))
            }
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_is_rendered_letter_for_letter_without_the_blanks() {
        let text =
            r#" {"z":1.50, "a" : [ -0, 1E400, "\u00e9\"" ,null,{}], "m":{"b":true,"a":[]}} "#;
        let rendered = r#"{"z":1.50,"a":[-0,1E400,"\u00e9\"",null,{}],"m":{"b":true,"a":[]}}"#;
        assert_eq!(Node::parse(text).unwrap().render(), rendered);
        assert!(Node::parse("{oops}").is_err());
    }
}
