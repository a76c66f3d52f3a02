//! Two pipelines that share a store.

use std::sync::Arc;

use l0_stage::Sink;
use l0_stage::letters::{BuriedLetter, DeadLetters, PageStart};

use super::{Cemetery, EVERYTHING, NONE, SinkLab, WAITING, letter, page, sequences};

const OTHER: &str = "other";

/// A store that two pipelines share, and a message that both have refused.
struct Shared<L> {
    own: Cemetery<L>,
    other: Box<dyn Sink>,
}

impl<L: SinkLab> Shared<L> {
    async fn new(lab: L) -> Self {
        let other = lab.of_pipeline(OTHER).await.expect("a sink of another pipeline");
        let mut own = Cemetery::new(lab).await;
        own.bury(&[letter(1), letter(2)]).await;
        let mut writer = other.writer().await.expect("a writer");
        writer.bury(&[letter(1), letter(3)]).await.expect("buried");
        writer.bury(&[letter(1), letter(3)]).await.expect("buried again");
        Self { own, other }
    }

    fn others(&self) -> Arc<dyn DeadLetters> {
        self.other.dead_letters().expect("dead letters")
    }
}

async fn all(letters: &dyn DeadLetters) -> Vec<BuriedLetter> {
    letters.list(&EVERYTHING, &page(PageStart::After(0), 1000)).await.expect("listed")
}

fn ids(letters: &[BuriedLetter]) -> Vec<i64> {
    letters.iter().map(|letter| letter.id).collect()
}

/// Each pipeline has refused it, and each may decide about its own letter.
pub async fn two_pipelines_that_refuse_the_same_message_keep_two_letters<L: SinkLab>(lab: L) {
    let shared = Shared::new(lab).await;
    let (own, others) = (shared.own.list(&EVERYTHING).await, all(&*shared.others()).await);
    assert_eq!((sequences(&own), sequences(&others)), (vec![1, 2], vec![1, 3]));
    assert_eq!(own[0].message.payload, others[0].message.payload);
    assert!(ids(&own).iter().all(|id| !ids(&others).contains(id)), "an id names one letter");
}

/// Neither by its id nor on any page.
pub async fn no_pipeline_sees_or_changes_the_letters_of_another<L: SinkLab>(lab: L) {
    let shared = Shared::new(lab).await;
    let (own, others) = (&shared.own.letters, shared.others());
    let strange = ids(&all(&*others).await);
    let before = page(PageStart::Before(i64::MAX), 1000);
    let newest = own.list(&EVERYTHING, &before).await.expect("listed");
    assert_eq!(sequences(&newest), [2, 1]);
    for id in &strange {
        assert!(own.get(*id).await.expect("read").is_none(), "letter {id}");
    }
    let replayed: Vec<_> = strange.iter().map(|id| (*id, 7)).collect();
    own.mark_replayed(&replayed).await.expect("marked");
    assert_eq!(own.discard(&strange).await.expect("discarded"), 0);
    assert_eq!(own.purge(&strange).await.expect("purged"), 0);

    let kept = all(&*others).await;
    assert_eq!(ids(&kept), strange);
    assert!(kept.iter().all(|letter| letter.decision.is_none()), "{kept:?}");
    own.discard(&ids(&newest)).await.expect("discarded");
    let waiting = async |letters: &dyn DeadLetters| letters.waiting(9).await.expect("counted");
    assert_eq!((waiting(&**own).await, waiting(&*others).await), (0, 2));
}

/// A person may repair the letters of a pipeline that no longer exists.
pub async fn letters_of_another_pipeline_are_mended_when_it_is_named<L: SinkLab>(lab: L) {
    let shared = Shared::new(lab).await;
    let named = shared.own.sink.dead_letters_of(OTHER).expect("letters of another pipeline");
    let found = all(&*named).await;
    assert_eq!(sequences(&found), [1, 3]);
    named.mark_replayed(&[(found[0].id, 7)]).await.expect("marked");
    assert_eq!(named.purge(&[found[1].id]).await.expect("purged"), 1);
    let left = all(&*shared.others()).await;
    assert_eq!(sequences(&left), [1]);
    assert!(left[0].decision.is_some());
    assert_eq!(shared.own.sequences(&WAITING).await, [1, 2], "its own stay as they are");

    let unknown =
        shared.own.sink.dead_letters_of("unknown").expect("letters of an unknown pipeline");
    assert_eq!(sequences(&all(&*unknown).await), NONE);
}
