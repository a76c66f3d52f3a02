use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::read;

fn packed(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn lines_are_messages_with_the_number_of_their_line() {
    let found = read("{\"a\":1}\r\n\n [1]\nno json\n{\"b\"\n{}");
    assert_eq!(found.texts(), ["{\"a\":1}", " [1]", "no json", "{\"b\"", "{}"]);
    assert_eq!(found.numbers(), [1, 3, 4, 5, 6]);
    assert_eq!(read("").texts(), [""; 0]);
    assert_eq!(read("\n \n").texts(), [""; 0]);
}

#[test]
fn the_elements_of_an_array_are_messages_with_the_number_of_their_line() {
    let found =
        read("\n[\n  {\"a\": \"]\"},\n\n  {\n    \"b\": [1, {\"c\": 2}]\n  },\n  7,\n  \"x\"\n]\n");
    let expected = ["{\"a\": \"]\"}", "{\n    \"b\": [1, {\"c\": 2}]\n  }", "7", "\"x\""];
    assert_eq!(found.texts(), expected);
    assert_eq!(found.numbers(), [3, 5, 8, 9]);
    assert_eq!(found.failure, None);
}

#[test]
fn elements_in_one_line_have_numbers_of_their_own() {
    assert_eq!(read("[{},{},{}]").numbers(), [1, 2, 3]);
    assert_eq!(read("[{},{},{},\n{},\n\n\n{}]").numbers(), [1, 2, 3, 4, 5]);
    assert_eq!(read("[{},\n\n\n{},{}]").numbers(), [1, 4, 5]);
}

#[test]
fn objects_over_several_lines_are_messages_with_the_number_of_their_first_line() {
    let found = read("{\n  \"a\": {\n    \"b\": 1\n  }\n}\n{\n  \"c\": [\n    {}\n  ]\n}\n");
    assert_eq!(
        found.texts(),
        ["{\n  \"a\": {\n    \"b\": 1\n  }\n}", "{\n  \"c\": [\n    {}\n  ]\n}"]
    );
    assert_eq!(found.numbers(), [1, 6]);
    assert_eq!(read("{ \"a\": 1,\n  \"b\": 2 }").texts(), ["{ \"a\": 1,\n  \"b\": 2 }"]);
}

#[test]
fn objects_behind_each_other_in_one_line_are_messages() {
    assert_eq!(read("{\"a\":1}{\"b\":2} {}").texts(), ["{\"a\":1}", "{\"b\":2}", "{}"]);
}

#[test]
fn several_arrays_and_objects_may_follow_each_other() {
    assert_eq!(
        read("[{\"a\":1}]\n[{\"b\":2},{}]\n{\n}").texts(),
        ["{\"a\":1}", "{\"b\":2}", "{}", "{\n}"]
    );
}

#[test]
fn a_byte_order_mark_is_skipped_and_counted() {
    for text in ["\u{feff}{}\n", "\u{feff}[{}]\n", "\u{feff}{\n}\n", "\u{feff}", "\u{feff}\n{}"] {
        let found = read(text);
        assert_eq!(found.bytes, text.len() as u64, "{text:?}");
        assert!(found.texts().iter().all(|text| text.starts_with('{')), "{found:?}");
    }
}

#[test]
fn gzip_is_unpacked_and_counted_in_its_own_bytes() {
    for text in ["{\"a\":1}\n{}\n", "[{\"a\":1},{}]", "\u{feff}{\n}\n{\n}"] {
        let bytes = packed(text.as_bytes());
        let found = read(&bytes);
        assert_eq!(found.documents, read(text).documents);
        assert_eq!((found.bytes, found.failure), (bytes.len() as u64, None));
    }
    let members = [packed(b"{}\n"), packed(b"{}\n")].concat();
    assert_eq!(read(&members).numbers(), [1, 2]);
}

#[test]
fn gzip_that_is_cut_off_or_damaged_is_named_behind_what_was_read() {
    let lines = "{\"a\":\"text\"}\n".repeat(500);
    let bytes = packed(lines.as_bytes());
    let cut = read(&bytes[..bytes.len() - 6]);
    assert_eq!(cut.failure.as_deref(), Some("its gzip data are cut off"));
    assert_eq!(cut.documents.len(), 500);
    let mut damaged = bytes.clone();
    let last = damaged.len() - 6;
    damaged[last] ^= 1;
    let failure = read(&damaged).failure.unwrap();
    assert!(failure.starts_with("its gzip data are damaged: "), "{failure}");
    let twice = read(packed(&bytes)).failure;
    assert_eq!(twice.as_deref(), Some("gzip within gzip: unpack it once more"));
}

#[test]
fn what_is_not_utf_8_is_named_with_what_to_do() {
    let utf16 = |order: fn(u16) -> [u8; 2]| -> Vec<u8> {
        "\u{feff}{}\n{}\n".encode_utf16().flat_map(order).collect()
    };
    for bytes in [utf16(u16::to_le_bytes), utf16(u16::to_be_bytes)] {
        let found = read(&bytes);
        let failure = found.failure.unwrap();
        assert!(failure.contains("UTF-16") && failure.contains("iconv"), "{failure}");
        assert_eq!(found.documents, []);
    }
    let failure = read(b"\x28\xb5\x2f\xfd....").failure;
    assert_eq!(failure.as_deref(), Some("zstd, not JSON: unpack it first"));
}
