use std::time::Duration;

use l0_stage::letters::DecisionKind;
use time::OffsetDateTime;

use super::{Cemetery, EVERYTHING, SinkLab, WAITING, letter};

/// The letter stays, so that a person who looks for it learns what became of it.
pub async fn a_replayed_letter_is_hidden_and_knows_its_document<L: SinkLab>(lab: L) {
    let mut cemetery = Cemetery::new(lab).await;
    let ids = cemetery.bury_all(&[1, 2, 3]).await;
    assert_eq!(cemetery.sequences(&WAITING).await, [1, 2, 3]);

    let replayed = [(ids[0], 7), (ids[2], i64::MAX), (i64::MAX, 8)];
    cemetery.letters.mark_replayed(&replayed).await.expect("marked");
    cemetery.letters.mark_replayed(&[]).await.expect("marked");
    for (id, document) in [(ids[0], 7), (ids[2], i64::MAX)] {
        let decision = cemetery.decision(id).await.expect("a decision");
        assert_eq!(decision.kind, DecisionKind::Replayed(Some(document)));
        let age = OffsetDateTime::now_utc() - decision.at;
        assert!(age.abs() < Duration::from_secs(60), "decided {age} ago");
    }
    assert_eq!(cemetery.decision(ids[1]).await, None);
    assert_eq!(cemetery.sequences(&WAITING).await, [2]);
    assert_eq!(cemetery.sequences(&EVERYTHING).await, [1, 2, 3]);

    cemetery.bury(&[letter(1)]).await;
    assert_eq!(cemetery.sequences(&WAITING).await, [2], "buried already");
}

/// Discarding is not purging: the letter can still be read.
pub async fn a_discarded_letter_is_decided_and_stays<L: SinkLab>(lab: L) {
    let mut cemetery = Cemetery::new(lab).await;
    let ids = cemetery.bury_all(&[1, 2, 3]).await;
    let discard = [ids[0], ids[2], ids[0], i64::MAX];
    assert_eq!(cemetery.letters.discard(&discard).await.expect("discarded"), 2);
    assert_eq!(cemetery.letters.discard(&[]).await.expect("discarded"), 0);
    let decision = cemetery.decision(ids[0]).await.expect("a decision");
    assert_eq!(decision.kind, DecisionKind::Discarded);
    let age = OffsetDateTime::now_utc() - decision.at;
    assert!(age.abs() < Duration::from_secs(60), "decided {age} ago");
    assert_eq!(cemetery.decision(ids[1]).await, None);
    assert_eq!(cemetery.sequences(&WAITING).await, [2]);
    assert_eq!(cemetery.sequences(&EVERYTHING).await, [1, 2, 3]);
}

/// Two people may decide the same letter, and a replay that crashed after marking marks it again.
pub async fn a_decided_letter_cannot_be_decided_again<L: SinkLab>(lab: L) {
    let mut cemetery = Cemetery::new(lab).await;
    let ids = cemetery.bury_all(&[1, 2]).await;
    let [replayed, discarded] = [ids[0], ids[1]];
    cemetery.letters.mark_replayed(&[(replayed, 7)]).await.expect("marked");
    assert_eq!(cemetery.letters.discard(&[discarded]).await.expect("discarded"), 1);
    let before = (cemetery.decision(replayed).await, cemetery.decision(discarded).await);

    assert_eq!(cemetery.letters.discard(&ids).await.expect("discarded"), 0);
    let again = [(replayed, 8), (discarded, 9)];
    cemetery.letters.mark_replayed(&again).await.expect("marked");
    let after = (cemetery.decision(replayed).await, cemetery.decision(discarded).await);
    assert_eq!(after, before);
}

/// Counting a million letters must not slow a page down.
pub async fn waiting_letters_are_counted_up_to_a_limit<L: SinkLab>(lab: L) {
    let mut cemetery = Cemetery::new(lab).await;
    let letters = cemetery.letters.clone();
    let waiting = async |most| letters.waiting(most).await.expect("counted");
    assert_eq!(waiting(10).await, 0);
    let ids = cemetery.bury_all(&[1, 2, 3, 4, 5]).await;
    cemetery.letters.mark_replayed(&[(ids[0], 1)]).await.expect("marked");
    cemetery.letters.discard(&ids[1..2]).await.expect("discarded");
    for (most, counted) in [(0, 0), (2, 2), (3, 3), (4, 3), (usize::MAX, 3)] {
        assert_eq!(waiting(most).await, counted, "at most {most}");
    }
}

/// A letter leaves only by being purged.
pub async fn a_purged_letter_is_gone_and_counted_once<L: SinkLab>(lab: L) {
    let mut cemetery = Cemetery::new(lab).await;
    for sequence in 1..=3 {
        cemetery.bury(&[letter(sequence)]).await;
    }
    let ids: Vec<_> = cemetery.list(&EVERYTHING).await.iter().map(|letter| letter.id).collect();
    let purge = [ids[0], ids[2], ids[0], i64::MAX];
    assert_eq!(cemetery.letters.purge(&purge).await.expect("purged"), 2);
    assert_eq!(cemetery.letters.purge(&purge).await.expect("purged"), 0);
    assert_eq!(cemetery.letters.purge(&[]).await.expect("purged"), 0);
    assert_eq!(cemetery.sequences(&EVERYTHING).await, [2]);
    assert!(cemetery.letters.get(ids[0]).await.expect("read").is_none());
}
