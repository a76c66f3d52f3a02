//! A broken value does not affect the values after it.

use super::read;

#[test]
fn an_element_that_is_wrong_inside_ends_at_its_own_bracket() {
    let found = read("[{\"a\":oops},{\"b\":[1},{\"c\":}, {\"d\":NaN},{'e':1}]");
    let expected = ["{\"a\":oops}", "{\"b\":[1}", "{\"c\":}", "{\"d\":NaN}", "{'e':1}"];
    assert_eq!(found.texts(), expected);
    assert_eq!(found.failure, None);
}

#[test]
fn what_is_between_elements_is_a_message_of_its_own() {
    assert_eq!(
        read("[oops {\"a\":1}, x, {\"b\":2} y]").texts(),
        ["oops", "{\"a\":1}", "x", "{\"b\":2}", "y"]
    );
    assert_eq!(read("[{}]\nrest\n{}").texts(), ["{}", "rest", "{}"]);
    assert_eq!(read("[{},}\n{}]").texts(), ["{}", "}", "{}"]);
}

#[test]
fn commas_between_elements_are_not_checked() {
    assert_eq!(read("[{\"a\":1} {\"b\":2},,{},]").texts(), ["{\"a\":1}", "{\"b\":2}", "{}"]);
}

#[test]
fn an_element_without_its_quote_or_bracket_ends_before_the_next_line_that_begins_as_it_did() {
    for broken in ["{\"a\":\"x},", "{\"a\":1,", "{\"a\":[1,2}},", "{\"a\":\"\\"] {
        let found = read(format!("[\n {{\"n\":1}},\n {broken}\n {{\"n\":2}},\n {{\"n\":3}}\n]\n"));
        assert_eq!(found.texts()[0], "{\"n\":1}", "{broken}");
        assert_eq!(found.texts()[1..].last(), Some(&"{\"n\":3}"), "{broken}");
        assert!(found.texts().contains(&"{\"n\":2}"), "{broken}: {found:?}");
        assert_eq!(found.numbers()[..2], [2, 3]);
    }
}

#[test]
fn an_object_over_several_lines_without_its_bracket_costs_the_next_nothing() {
    let found = read("{\n  \"a\": 1\n\n{\n  \"b\": {\n    \"c\": 2\n  }\n}\n");
    assert_eq!(found.texts(), ["{\n  \"a\": 1", "{\n  \"b\": {\n    \"c\": 2\n  }\n}"]);
    assert_eq!(found.numbers(), [1, 4]);
}

#[test]
fn a_first_line_that_is_cut_off_does_not_swallow_the_lines_behind_it() {
    let lines = "{\"b\":2}\n".repeat(100);
    let found = read(format!("{{\"a\":1,\n{lines}{{\"c\":\n{lines}"));
    assert_eq!(found.documents.len(), 202);
    assert_eq!((found.texts()[0], found.texts()[101]), ("{\"a\":1,", "{\"c\":"));
    assert!(found.numbers().into_iter().eq(1..=202));
}

#[test]
fn an_array_that_is_cut_off_is_told_by_its_last_element_or_else_as_a_failure() {
    let told = Some("its array has no end: the input is cut off");
    for text in ["[", "[{},", "[{}\n", "[1, 2", "[[1]"] {
        assert_eq!(read(text).failure.as_deref(), told, "{text}");
    }
    let found = read("[{},\n {\"a\":1,\n");
    assert_eq!(found.texts(), ["{}", "{\"a\":1,"]);
    assert_eq!(found.failure, None);
}

#[test]
fn every_byte_that_is_not_white_space_or_between_elements_is_in_a_message() {
    let odd = "[ {\"a\": }}, ]] \"x\n{ [}\n, nul \"\\\"\n] } tail\n\"end";
    let found = read(odd);
    let kept = |text: &str| -> String {
        let is_between = |c: char| c.is_whitespace() || matches!(c, ',' | '[' | ']');
        text.chars().filter(|c| !is_between(*c)).collect()
    };
    assert_eq!(kept(&found.texts().concat()), kept(odd), "{found:?}");
    assert_eq!(found.bytes, odd.len() as u64);
}
