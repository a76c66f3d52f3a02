use std::collections::HashSet;

use bytes::Bytes;

use super::{Bench, SinkLab, dead_letter, documents, stored};

/// Whatever its bytes are: a letter is never refused, and the writer goes on. If the lab can see the letters, each is
/// there once.
pub async fn any_message_is_buried_and_again_adds_nothing<L: SinkLab>(lab: L) {
    let mut bench = Bench::on(&lab).await;
    let odd = [&b""[..], b"{", b"\0\xff\xfe\r\n\"\\,;'", "\"ы\u{2028}\"".as_bytes()];
    let long = vec![b'"'; 300_000];
    let payloads = odd.iter().copied().chain([&long[..], b"{"]).map(Bytes::copy_from_slice);
    let letters: Vec<_> = payloads.zip(1..).map(|(bytes, at)| dead_letter(bytes, at)).collect();
    bench.writer.bury(&[]).await.expect("nothing is buried");
    bench.writer.bury(&letters).await.expect("buried");
    let twice = [&letters[..], &letters[..2]].concat();
    bench.writer.bury(&twice).await.expect("buried again");
    stored(&bench.write(&documents::<L>(&["A"])).await);

    let Some(kept) = lab.letters(&*bench.sink).await else { return };
    let expected: Vec<_> = letters.into_iter().map(|letter| letter.message.payload).collect();
    assert_eq!(kept.len(), expected.len(), "each once");
    let [kept, expected] = [kept, expected].map(HashSet::<Bytes>::from_iter);
    assert!(kept == expected, "byte for byte");
}
