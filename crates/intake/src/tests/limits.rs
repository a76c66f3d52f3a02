//! Memory is bounded by the longest document, whatever the input.

use std::io::{self, Read};

use super::{read, read_in_pieces};
use crate::{Documents, Splitter};

#[test]
fn an_element_beyond_any_measure_is_a_failure_behind_what_was_before() {
    let long = "x".repeat(1000);
    for (form, line) in
        [("[\n{},\n{\"a\":\"X\"}]", 3), ("{\n}\n{\n\"a\": \"X\"\n}", 3), ("[{\"a\":\"X\"},{}]", 1)]
    {
        let found = read_in_pieces(form.replace('X', &long).as_bytes(), 64, 1000);
        let told = format!("the document in line {line} is longer than 1000 bytes");
        assert_eq!(found.failure.as_ref(), Some(&told), "{form}");
        let fits = read_in_pieces(form.replace('X', &long[..900]).as_bytes(), 64, 1000);
        assert_eq!((fits.documents.len() > found.documents.len(), fits.failure), (true, None));
    }
}

#[test]
fn an_input_without_an_end_is_not_collected() {
    for begin in ["[{\"a\":\"", "{\"a\":\n", "{\"a\":\"", "text", "\n"] {
        let endless = io::Cursor::new(begin).chain(io::repeat(b' '));
        let opened = Documents::open(Box::new(endless), 1_000_000);
        let mut documents = opened.unwrap_or_else(|failure| panic!("{begin:?}: {failure}"));
        let failure = loop {
            match documents.read() {
                Ok(chunk) => assert!(chunk.is_some(), "{begin:?}"),
                Err(failure) => break failure.to_string(),
            }
        };
        assert!(failure.ends_with("is longer than 1000000 bytes"), "{begin:?}: {failure}");
    }
}

#[test]
fn a_document_that_is_too_long_for_lack_of_a_quote_costs_the_next_line_nothing() {
    let lines = "{\"b\":2}\n".repeat(1000);
    let found = read_in_pieces(format!("{{\"a\":1,\n{lines}").as_bytes(), 64, 500);
    assert_eq!((found.documents.len(), found.failure), (1001, None));
}

#[test]
fn a_bracket_too_many_costs_no_more_than_another_byte() {
    let brackets = 200_000;
    let text = format!("[{}{}", "[".repeat(brackets), "}".repeat(brackets));
    let found = Splitter::default().next(text.as_bytes(), true).found.unwrap();
    assert_eq!(found.range, 1..text.len());
}

#[test]
fn many_values_without_a_bracket_do_not_cost_the_square_of_the_input() {
    let input = format!("[\n{}]", "{[\n\n".repeat(200_000));
    let found = read_in_pieces(input.as_bytes(), usize::MAX, 10_000);
    assert!(found.documents.len() > 190_000, "{}", found.documents.len());
}

#[test]
fn one_value_without_its_bracket_does_not_cut_the_next_ones_apart() {
    let whole = "{\n\"v\":\n{\n\"n\":1\n}\n}\n";
    let found = read(format!("{whole}{{\"bad\":1,\"v\":{{\n{whole}{whole}"));
    assert_eq!(found.texts()[0], whole.trim_end());
    assert_eq!(found.texts()[2..], [whole.trim_end(), whole.trim_end()]);
}

#[test]
fn a_first_line_that_is_cut_off_makes_nothing_wait() {
    let found = read("{\"id\":\"t\",\"v\":{\n{\"id\":1}\n{\"id\":2}\n");
    assert_eq!(found.texts(), ["{\"id\":\"t\",\"v\":{", "{\"id\":1}", "{\"id\":2}"]);
}
