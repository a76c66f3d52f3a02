use std::borrow::Cow;

use serde_json::Value;

/// The canonical form of a JSON text. Two texts are equal as JSON if their canonical forms are the
/// same bytes. The order of members and white space do not count. Numbers are compared digit for
/// digit.
///
/// A text that is not JSON is its own canonical form, so it equals only itself.
///
/// ```
/// use l0_stage::canonical;
///
/// let stored = br#"{"id": "r1", "celsius": 7.20}"#;
/// assert_eq!(canonical(stored), canonical(br#"{"celsius":7.20,"id":"r1"}"#));
/// assert_ne!(canonical(stored), canonical(br#"{"celsius":7.2,"id":"r1"}"#));
/// assert_eq!(canonical(b"{"), b"{".as_slice());
/// ```
#[must_use]
pub fn canonical(json: &[u8]) -> Cow<'_, [u8]> {
    let Ok(mut value) = serde_json::from_slice::<Value>(json) else { return Cow::Borrowed(json) };
    // `serde_json` sorts the members, unless another crate of the binary enables its feature
    // `preserve_order`.
    value.sort_all_objects();
    Cow::Owned(value.to_string().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_order_of_members_and_white_space_do_not_count() {
        let one = br#"{"b": [1, {"d": "\u0444", "c": null}], "a": 1e2}"#;
        assert_eq!(
            canonical(one),
            canonical("{\"a\":1e2,\n\"b\":[1,{\"c\":null,\"d\":\"ф\"}]}".as_bytes())
        );
        for other in [
            r#"{"b": [1, {"d": "ф", "c": null}], "a": 100}"#,
            r#"{"b": [{"d": "ф", "c": null}, 1], "a": 1e2}"#,
            r#"{"b": [1, {"d": "ф"}], "a": 1e2}"#,
            r#"{"b": [1, {"d": "Ф", "c": null}], "a": 1e2}"#,
        ] {
            assert_ne!(canonical(one), canonical(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn digits_that_a_binary_float_would_drop_count() {
        assert_ne!(canonical(b"0.1"), canonical(b"0.10000000000000000000000001"));
        assert_ne!(canonical(b"9007199254740993"), canonical(b"9007199254740992"));
    }
}
