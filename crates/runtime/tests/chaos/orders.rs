use l0_testkit::ledger::Content;

/// A rule that only the database knows. The tests add it.
pub const RULE: &str = "ALTER TABLE orders ADD CONSTRAINT no_beast CHECK (sm_id <> 666)";

/// An order with one item, good or bad.
pub fn order(key: u64, content: Content) -> Vec<u8> {
    let order = |entry: &str, sm_id: &str| {
        format!(
            r#"{{"order_uid":"u{key}","track_number":"track {key}","entry":"{entry}","sm_id":{sm_id},"items":[{{"chrt_id":{key},"price":453.10,"name":"Mascaras"}}]}}"#
        )
    };
    let good = order("good", "10");
    let text = match content {
        Content::Good => good,
        Content::Other(number) => order(&format!("other {number}"), "10"),
        Content::Malformed => good[..good.len() - 1].to_owned(),
        Content::Violation => good.replace("order_uid", "uid"),
        Content::Unfit => order("unfit", "99999999999999999999"),
        Content::Refused => order("refused", "666"),
    };
    text.into_bytes()
}
