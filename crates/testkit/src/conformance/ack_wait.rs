//! What every source does that delivers unsettled messages again after an ack wait.

use std::time::Duration;

use l0_stage::Verdict;
use tokio::time::sleep;

use super::SourceLab;
use super::source::{receive, settle};

/// How the suite reaches a source with an ack wait.
pub trait AckWaitLab: SourceLab {
    /// After this a delivery that was neither settled nor extended is delivered again. 2 s are enough. Below
    /// 1 s a busy machine is taken for a failure.
    const ACK_WAIT: Duration;
}

/// Writes each of these behaviours as a test.
#[macro_export]
macro_rules! ack_wait_conformance {
    ($lab:ty) => {
        $crate::conformance_tests! { $lab, SourceLab, ack_wait,
            what_is_extended_does_not_come_again
        }
    };
}

/// Although its work takes longer than the ack wait.
pub async fn what_is_extended_does_not_come_again<L: AckWaitLab>(lab: L) {
    let source = lab.connect().await;
    lab.publish("held".into()).await;
    let held = receive(&*source, 1).await.remove(0);
    // It is delivered later: when it is back, the held one would be back too.
    lab.publish("dropped".into()).await;
    drop(receive(&*source, 1).await);

    let every = source.extend_every().expect("a source with an ack wait says how often");
    assert!(every < L::ACK_WAIT, "{every:?}");
    let extending = async {
        loop {
            sleep(every).await;
            held.receipt.extend().await;
        }
    };
    let back = tokio::select! {
        () = extending => unreachable!("it never ends"),
        back = receive(&*source, 10) => back,
    };
    assert_eq!(back[0].message.payload, "dropped");
    assert_eq!(back.len(), 1);
    settle(back).await;
    held.receipt.settle(Verdict::Stored { id: 1 }).await.expect("settled");
}
