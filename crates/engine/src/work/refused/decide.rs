//! Decides what to do after a failed write, by one pure function and its limits.

use std::time::Duration;

use l0_stage::{Blame, Why};

/// The limits that decide how long a refused document is retried before it is buried.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// The delay of a document whose refusal may pass after another document's commit. It is given
    /// back once for this time.
    pub once: Duration,
    /// The number of failures after which a document is buried if the fault is unclear. A failure
    /// counts only if this instance has committed something since the failure before.
    pub failures: u32,
    /// The least time between the first failure and the burial.
    pub apart: Duration,
    /// The first delay of a document that is given back because the fault is unclear. The delay is
    /// multiplied by [`growth`](Self::growth) at each return.
    pub delay: Duration,
    /// The factor between two delays of a document.
    pub growth: u32,
    /// The longest delay of a document.
    pub longest: Duration,
    /// The divisor of the workers' time for documents that were given back: 5 means that these may
    /// take one fifth.
    pub share: u32,
}

impl Limits {
    pub const USUAL: Self = Self {
        once: Duration::from_secs(5),
        failures: 3,
        apart: Duration::from_secs(60),
        delay: Duration::from_secs(10),
        growth: 6,
        longest: Duration::from_secs(600),
        share: 5,
    };

    /// Divides all times by a factor, for fault tests that cannot wait so long.
    #[cfg(feature = "failpoints")]
    pub fn hurried(self, by: u32) -> Self {
        let by = by.max(1);
        let Self { once, apart, delay, longest, .. } = self;
        Self {
            once: once / by,
            apart: apart / by,
            delay: delay / by,
            longest: longest / by,
            ..self
        }
    }

    /// The delay of a document that was given back `returns` times before.
    fn delay(&self, returns: u32) -> Duration {
        let factor = self.growth.checked_pow(returns).unwrap_or(u32::MAX);
        self.delay.checked_mul(factor).unwrap_or(self.longest).min(self.longest)
    }
}

/// Why a write failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The sink refused a document.
    Refused { blame: Blame, may_pass: bool },
    /// A stage panicked at a document.
    Panicked,
    /// The environment is at fault. `timeouts` is the number of time-outs in a row, including this
    /// failure.
    Away { why: Why, timeouts: u32 },
}

/// The history of a document that is alone in its write, including its present failure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Past {
    /// The failures that count: this instance committed something between any two of them.
    pub failures: u32,
    /// The time since the first failure.
    pub lasted: Duration,
    /// The number of all failures.
    pub tries: u32,
    /// How often the document was given back.
    pub returns: u32,
}

/// A failed write, as the input of [`decide`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Case {
    pub failure: Failure,
    /// The number of documents in the failed write.
    pub documents: usize,
    pub past: Past,
    /// Whether the source's limit allows one more document to be given back.
    pub has_room: bool,
}

/// What to do after a failed write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Commit the document as a dead letter.
    Bury,
    /// Keep the batch, report the instance as unready, and try again until the environment is right
    /// again.
    Keep,
    /// Give the document back to its source, which delivers it again after this delay.
    GiveBack(Duration),
    /// Write each half of the batch separately.
    Halve,
    /// Keep the document and report the instance as unready, because the limit of documents that
    /// may be given back is reached.
    Pause,
}

pub(crate) fn decide(case: &Case, limits: &Limits) -> Decision {
    let Case { failure, documents, past, has_room } = *case;
    let is_apart = past.lasted >= limits.apart;
    let delay = match failure {
        Failure::Away { why: Why::TooLarge, .. } if documents > 1 => return Decision::Halve,
        Failure::Away { why: Why::TimedOut, timeouts: 2.. } if documents > 1 => {
            return Decision::Halve;
        }
        Failure::Away { .. } => return Decision::Keep,
        Failure::Refused { .. } | Failure::Panicked if documents > 1 => return Decision::Halve,
        Failure::Refused { may_pass: true, .. } if past.returns == 0 => limits.once,
        Failure::Refused { blame: Blame::Document, .. } => return Decision::Bury,
        Failure::Refused { .. } if past.failures >= limits.failures && is_apart => {
            return Decision::Bury;
        }
        // The code of a stage does not change, so one commit is enough to show that the stage works
        // for other documents.
        Failure::Panicked if past.tries >= limits.failures && past.failures > 1 && is_apart => {
            return Decision::Bury;
        }
        Failure::Panicked | Failure::Refused { .. } => limits.delay(past.returns),
    };
    if has_room { Decision::GiveBack(delay) } else { Decision::Pause }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{
        Just, Strategy, any, prop_assert, prop_assert_eq, prop_assert_ne, prop_oneof, proptest,
    };

    use super::*;

    const LIMITS: Limits = Limits::USUAL;

    fn refused(blame: Blame, may_pass: bool, failures: u32, lasted: u64, returns: u32) -> Case {
        let past = Past { failures, tries: failures, lasted: Duration::from_secs(lasted), returns };
        let failure = Failure::Refused { blame, may_pass };
        Case { failure, documents: 1, past, has_room: true }
    }

    #[test]
    fn what_is_proved_the_documents_own_is_buried_at_once() {
        let case = refused(Blame::Document, false, 1, 0, 0);
        assert_eq!(decide(&case, &LIMITS), Decision::Bury);
    }

    #[test]
    fn what_another_commit_can_change_is_given_back_once_and_then_goes_by_its_class() {
        let first = refused(Blame::Document, true, 1, 0, 0);
        assert_eq!(decide(&first, &LIMITS), Decision::GiveBack(Duration::from_secs(5)));
        let second = refused(Blame::Document, true, 1, 5, 1);
        assert_eq!(decide(&second, &LIMITS), Decision::Bury);
        let unclear = refused(Blame::Unclear, true, 2, 5, 1);
        assert_eq!(decide(&unclear, &LIMITS), Decision::GiveBack(Duration::from_secs(60)));
    }

    #[test]
    fn what_is_unclear_is_buried_at_the_third_failure_and_after_a_minute() {
        let delay = |returns| decide(&refused(Blame::Unclear, false, 1, 0, returns), &LIMITS);
        let seconds = [10, 60, 360, 600, 600].map(Duration::from_secs);
        assert_eq!([0, 1, 2, 3, 40].map(delay), seconds.map(Decision::GiveBack));
        for (failures, lasted, buried) in [(2, 600, false), (3, 59, false), (3, 60, true)] {
            let decision = decide(&refused(Blame::Unclear, false, failures, lasted, 2), &LIMITS);
            assert_eq!(decision == Decision::Bury, buried, "{failures} failures in {lasted} s");
        }
    }

    #[test]
    fn without_room_it_pauses_and_buries_nothing_that_is_unclear() {
        let case = Case { has_room: false, ..refused(Blame::Unclear, false, 1, 0, 0) };
        assert_eq!(decide(&case, &LIMITS), Decision::Pause);
    }

    fn panicked(tries: u32, failures: u32, lasted: u64) -> Decision {
        let past = Past { tries, failures, lasted: Duration::from_secs(lasted), returns: 0 };
        decide(&Case { failure: Failure::Panicked, documents: 1, past, has_room: true }, &LIMITS)
    }

    #[test]
    fn what_a_stage_panics_at_is_buried_at_the_third_try_if_another_was_committed_meanwhile() {
        assert_eq!(panicked(3, 2, 60), Decision::Bury);
        for (tries, failures, lasted) in [(2, 2, 600), (40, 1, 600), (3, 2, 59)] {
            let decision = panicked(tries, failures, lasted);
            assert_eq!(decision, Decision::GiveBack(LIMITS.delay), "{tries} {failures} {lasted}");
        }
    }

    fn failure() -> impl Strategy<Value = Failure> {
        let blame = prop_oneof![Just(Blame::Document), Just(Blame::Unclear)];
        let refused = (blame, any::<bool>());
        let refused = refused.prop_map(|(blame, may_pass)| Failure::Refused { blame, may_pass });
        let away = (0..Why::ALL.len(), any::<u32>());
        let away = away.prop_map(|(at, timeouts)| Failure::Away { why: Why::ALL[at], timeouts });
        prop_oneof![refused, away, Just(Failure::Panicked)]
    }

    fn case() -> impl Strategy<Value = Case> {
        let past = (any::<u32>(), any::<u32>(), any::<u64>(), any::<u32>());
        (failure(), 1..1000_usize, past, any::<bool>()).prop_map(|it| {
            let (failure, documents, (failures, tries, lasted, returns), has_room) = it;
            let past = Past { failures, tries, lasted: Duration::from_secs(lasted), returns };
            Case { failure, documents, past, has_room }
        })
    }

    proptest! {
        #[test]
        fn the_environments_fault_buries_nothing_and_gives_nothing_back(case in case()) {
            if let Failure::Away { .. } = case.failure {
                let decision = decide(&case, &LIMITS);
                prop_assert!(matches!(decision, Decision::Keep | Decision::Halve));
            }
        }

        #[test]
        fn only_a_document_that_stands_alone_is_buried_or_given_back(case in case()) {
            if case.documents > 1 {
                let decision = decide(&case, &LIMITS);
                prop_assert!(matches!(decision, Decision::Keep | Decision::Halve));
            }
        }

        #[test]
        fn a_panic_buries_nothing_without_a_commit_in_between(case in case()) {
            if case.failure == Failure::Panicked && case.past.failures < 2 {
                prop_assert_ne!(decide(&case, &LIMITS), Decision::Bury);
            }
        }

        #[test]
        fn what_is_given_back_has_room_and_a_delay_within_the_limits(case in case()) {
            if let Decision::GiveBack(delay) = decide(&case, &LIMITS) {
                prop_assert!(case.has_room && delay >= LIMITS.once && delay <= LIMITS.longest);
            }
        }

        #[test]
        fn an_unclear_document_is_buried_only_past_both_limits(case in case()) {
            let unclear = matches!(case.failure, Failure::Refused { blame: Blame::Unclear, .. });
            if unclear && decide(&case, &LIMITS) == Decision::Bury {
                prop_assert!(case.past.failures >= 3 && case.past.lasted >= LIMITS.apart);
                prop_assert_eq!(case.documents, 1);
            }
        }
    }
}
