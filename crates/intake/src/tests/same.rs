//! Property tests: the splitter finds the same values as a JSON parser.

use proptest::prelude::*;
use serde_json::{Map, Value};

use super::{read, read_in_pieces};

fn value() -> impl Strategy<Value = Value> {
    let text = prop_oneof![".{0,12}", "[\\[\\]{}\",\\\\\\n ]{0,8}"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        let name = "[a-c\"\\[{]{0,3}";
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(name, inner, 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn parsed(texts: &[&str]) -> Vec<Value> {
    texts.iter().map(|text| serde_json::from_str(text).expect("JSON")).collect()
}

proptest! {
    #[test]
    fn the_elements_of_an_array_are_those_that_a_parser_reads(
        elements in prop::collection::vec(value(), 0..8),
        pretty in any::<bool>(),
        size in 1_usize..200,
    ) {
        let array = Value::from(elements.clone());
        let text = if pretty { format!("{array:#}") } else { array.to_string() };
        let found = read_in_pieces(text.as_bytes(), size, 1 << 20);
        prop_assert_eq!(parsed(&found.texts()), elements);
        prop_assert_eq!(found.bytes, text.len() as u64);
        prop_assert_eq!(found.failure, None);
        let numbers = found.documents.iter().map(|(number, _)| *number);
        prop_assert!(numbers.clone().zip(numbers.skip(1)).all(|(one, next)| one < next));
    }

    #[test]
    fn objects_one_after_the_other_are_those_that_a_parser_reads(
        objects in prop::collection::vec(prop::collection::btree_map("[a-c]", value(), 1..4), 1..6),
        separator in "[ \\n]{0,3}",
    ) {
        let objects = objects.into_iter().map(|it| Value::Object(it.into_iter().collect()));
        let objects: Vec<Value> = objects.collect();
        let text: Vec<_> = objects.iter().map(|object| format!("{object:#}")).collect();
        let found = read(text.join(&separator));
        prop_assert_eq!(parsed(&found.texts()), objects);
    }

    #[test]
    fn any_bytes_end_and_none_is_lost(text in "[\\[\\]{}\",:\\\\\\n ax1]{0,40}", size in 1_usize..50) {
        let found = read_in_pieces(text.as_bytes(), size, 1 << 20);
        prop_assert_eq!(found.bytes, text.len() as u64);
        let solid = |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric() || *c == '{' || *c == '}' || *c == '"').collect() };
        prop_assert_eq!(solid(&found.texts().concat()), solid(&text));
    }
}
