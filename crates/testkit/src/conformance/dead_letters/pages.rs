use l0_stage::Rejection;
use l0_stage::letters::{LetterFilter, LetterPage, PageStart};

use super::{Cemetery, EVERYTHING, NONE, SinkLab, WAITING, keyed, letter, page, sequences};

/// A replay takes them like this.
pub async fn letters_are_listed_oldest_first_and_in_pages<L: SinkLab>(lab: L) {
    let mut cemetery = Cemetery::new(lab).await;
    assert_eq!(cemetery.sequences(&EVERYTHING).await, NONE);
    cemetery.bury_all(&[3, 1, 2, 5, 4]).await;
    let (mut pages, mut after) = (Vec::new(), 0);
    loop {
        let page = page(PageStart::After(after), 2);
        let letters = cemetery.letters.list(&EVERYTHING, &page).await.expect("listed");
        let Some(last) = letters.last() else { break };
        after = last.id;
        pages.push(sequences(&letters));
    }
    assert_eq!(pages, [vec![3, 1], vec![2, 5], vec![4]]);
}

/// A person looks at them like this.
pub async fn letters_are_listed_newest_first_and_in_pages<L: SinkLab>(lab: L) {
    let mut cemetery = Cemetery::new(lab).await;
    let ids = cemetery.bury_all(&[3, 1, 2, 5, 4]).await;
    cemetery.letters.discard(&ids[2..3]).await.expect("discarded");
    for (filter, expected) in [
        (EVERYTHING, vec![vec![4, 5], vec![2, 1], vec![3]]),
        (WAITING, vec![vec![4, 5], vec![1, 3]]),
    ] {
        let (mut pages, mut before) = (Vec::new(), i64::MAX);
        loop {
            let page = page(PageStart::Before(before), 2);
            let letters = cemetery.letters.list(&filter, &page).await.expect("listed");
            let Some(last) = letters.last() else { break };
            before = last.id;
            pages.push(sequences(&letters));
        }
        assert_eq!(pages, expected);
    }
}

/// A list of large letters must stay small.
pub async fn a_page_brings_as_much_of_each_payload_as_was_asked_for_and_tells_its_whole_size<
    L: SinkLab,
>(
    lab: L,
) {
    let mut cemetery = Cemetery::new(lab).await;
    let mut large = letter(1);
    large.message.payload = [0, 0xff, b'x'].repeat(100).into();
    large.message.headers = [b'h'].repeat(300).into();
    cemetery.bury(&[large.clone()]).await;
    for from in [PageStart::After(0), PageStart::Before(i64::MAX)] {
        for payload_bytes in [0, 1, 200, 300, 301, usize::MAX] {
            let page = LetterPage { from, limit: 1, payload_bytes };
            let listed = cemetery.letters.list(&EVERYTHING, &page).await.expect("listed");
            let kept = payload_bytes.min(300);
            assert_eq!(listed[0].message.payload, large.message.payload[..kept]);
            assert_eq!(listed[0].message.headers, large.message.headers[..kept]);
            assert_eq!(listed[0].size, 300);
        }
    }
}

/// A person who looks for a document finds that it was rejected, and what became of it.
pub async fn letters_are_found_by_the_key_of_their_document<L: SinkLab>(lab: L) {
    let mut cemetery = Cemetery::new(lab).await;
    cemetery.bury(&[keyed(1, "A")]).await;
    cemetery.bury(&[letter(2)]).await;
    cemetery.bury(&[keyed(3, "B ы")]).await;
    cemetery.bury(&[keyed(4, "A")]).await;
    let of = |key: &str| LetterFilter { document_key: Some(key.to_owned()), ..EVERYTHING };
    assert_eq!(cemetery.sequences(&of("A")).await, [1, 4]);
    assert_eq!(cemetery.sequences(&of("B ы")).await, [3]);
    for nobody in ["", "a", "A ", "\0"] {
        assert_eq!(cemetery.sequences(&of(nobody)).await, NONE, "{nobody:?}");
    }
    let listed = cemetery.list(&EVERYTHING).await;
    let keys: Vec<_> = listed.iter().map(|letter| letter.document_key.as_deref()).collect();
    assert_eq!(keys, [Some("A"), None, Some("B ы"), Some("A")]);
    cemetery.letters.discard(&[listed[0].id]).await.expect("discarded");
    let waiting = LetterFilter { decided: false, ..of("A") };
    assert_eq!(cemetery.sequences(&waiting).await, [4]);
    assert_eq!(cemetery.sequences(&of("A")).await, [1, 4]);
}

/// The lower bound of time is included, the upper is not.
pub async fn a_filter_shows_what_fits_all_its_conditions<L: SinkLab>(lab: L) {
    let mut cemetery = Cemetery::new(lab).await;
    cemetery.bury(&[letter(1)]).await;
    let mut conflict = letter(2);
    conflict.rejection = Rejection::conflict(7);
    cemetery.bury(&[conflict]).await;
    cemetery.bury(&[letter(3)]).await;
    let at: Vec<_> = cemetery.list(&EVERYTHING).await.iter().map(|it| it.buried_at).collect();
    assert!(at.is_sorted() && at[0] < at[2], "{at:?}");

    let reason = |reason: &str| LetterFilter { reason: Some(reason.to_owned()), ..EVERYTHING };
    assert_eq!(cemetery.sequences(&reason("conflict")).await, [2]);
    assert_eq!(cemetery.sequences(&reason("invalid_json")).await, [1, 3]);
    assert_eq!(cemetery.sequences(&reason("no such reason")).await, NONE);
    let since = |since| LetterFilter { since: Some(since), ..EVERYTHING };
    let until = |until| LetterFilter { until: Some(until), ..EVERYTHING };
    assert_eq!(cemetery.sequences(&since(at[2])).await, [3]);
    assert_eq!(cemetery.sequences(&until(at[0])).await, NONE);
    assert_eq!(cemetery.sequences(&until(at[2])).await, [1, 2]);
    let both = LetterFilter { until: Some(at[2]), ..reason("invalid_json") };
    assert_eq!(cemetery.sequences(&both).await, [1]);
}
