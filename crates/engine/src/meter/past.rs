//! The history of the last five minutes, second by second.

use std::collections::VecDeque;
use std::time::Instant;

use l0_stage::Why;
use l0_stage::observe::{Away, Counts, Degraded, History, Rates, Symptom, Unready};
use l0_stage::time::OffsetDateTime;

use super::letters::Letters;

/// How far back the history goes, in seconds.
const SPAN: usize = 300;

/// The time in seconds in which every message must be rejected before this is reported as a
/// symptom.
const RECENT: usize = 60;

/// The number of rejected messages from which the symptom is reported.
const FEW: u64 = 10;

/// The samples of the last five minutes, one per second.
#[derive(Debug, Default)]
pub(super) struct Past {
    samples: VecDeque<Sample>,
    away: VecDeque<Away>,
    /// Since when every message has been rejected. `None` while the symptom does not hold.
    rejecting_since: Option<OffsetDateTime>,
}

#[derive(Debug, Clone)]
struct Sample {
    at: Instant,
    time: OffsetDateTime,
    counts: Counts,
    letters: Letters,
    lag: Option<u64>,
}

impl Past {
    /// Adds one sample.
    pub fn sample(
        &mut self,
        counts: Counts,
        letters: Letters,
        lag: Option<u64>,
        reasons: &[Unready],
    ) {
        let time = OffsetDateTime::now_utc();
        self.samples.push_back(Sample { at: Instant::now(), time, counts, letters, lag });
        // The history keeps one sample more than it shows, because a rate is computed between two
        // samples.
        while self.samples.len() > SPAN + 1 {
            self.samples.pop_front();
        }
        self.note(time, reasons);
        let rejecting_since = self.rejecting_since.unwrap_or(time);
        self.rejecting_since = self.rejected().map(|_| rejecting_since);
    }

    /// The symptom, if every message of the last minute became a dead letter.
    pub fn all_rejected(&self) -> Option<Degraded> {
        let (since, (messages, reason)) = (self.rejecting_since?, self.rejected()?);
        let cause = format!("every message of the last minute is rejected, most as {reason}");
        Some(Degraded { symptom: Symptom::AllRejected, cause, messages: Some(messages), since })
    }

    /// The number of letters of the last minute and their most common reason. `None` if any message
    /// was not rejected, or if the letters are too few.
    fn rejected(&self) -> Option<(u64, &'static str)> {
        let now = self.samples.back()?;
        let before = self.samples.get(self.samples.len().saturating_sub(RECENT + 1))?;
        let grown = |of: fn(&Counts) -> u64| of(&now.counts).saturating_sub(of(&before.counts));
        let good = grown(|counts| counts.stored + counts.duplicate + counts.returned);
        let buried = grown(|counts| counts.buried);
        let reason = || now.letters.commonest_since(&before.letters).as_str();
        (good == 0 && buried >= FEW).then(|| (buried, reason()))
    }

    fn note(&mut self, now: OffsetDateTime, reasons: &[Unready]) {
        // A stage that has not started yet does not count as away.
        let reasons = || reasons.iter().filter(|reason| reason.why != Why::Starting);
        let is_away = |stage: &str| reasons().any(|reason| reason.stage == stage);
        for away in self.away.iter_mut().filter(|away| away.to.is_none()) {
            if !is_away(away.stage) {
                away.to = Some(now);
            }
        }
        for Unready { stage, why, since, .. } in reasons() {
            let known = self.away.iter().any(|away| away.to.is_none() && away.stage == *stage);
            if !known {
                self.away.push_back(Away { stage, why: *why, from: *since, to: None });
            }
        }
        let begin = self.samples.front().map_or(now, |sample| sample.time);
        self.away.retain(|away| away.to.is_none_or(|to| to >= begin));
    }

    /// The rates between the last two samples.
    pub fn rates(&self) -> Rates {
        let mut last = self.samples.iter().rev();
        let (Some(now), Some(before)) = (last.next(), last.next()) else { return Rates::default() };
        // After the process stood still, two samples may follow each other within less than a
        // second.
        let seconds = now.at.duration_since(before.at).as_secs_f64().max(1.0);
        #[allow(clippy::cast_precision_loss, reason = "deliveries of a second are below 2^52")]
        let rate = |count: fn(&Counts) -> u64| {
            count(&now.counts).saturating_sub(count(&before.counts)) as f64 / seconds
        };
        Rates {
            delivered: rate(|counts| counts.delivered),
            stored: rate(|counts| counts.stored),
            duplicate: rate(|counts| counts.duplicate),
            buried: rate(|counts| counts.buried),
        }
    }

    pub fn history(&self) -> History {
        let pairs = self.samples.iter().zip(self.samples.iter().skip(1));
        let (stored, lag) = pairs
            .map(|(before, now)| (now.counts.stored.saturating_sub(before.counts.stored), now.lag))
            .unzip();
        let end = self.samples.back().map_or_else(OffsetDateTime::now_utc, |sample| sample.time);
        History { end, stored, lag, away: self.away.iter().copied().collect() }
    }
}

#[cfg(test)]
mod tests {
    use l0_stage::Reason;
    use l0_stage::observe::Readiness;

    use super::*;

    #[test]
    fn five_minutes_are_kept_and_no_more() {
        let mut past = Past::default();
        for second in 0..400 {
            let counts = Counts { stored: second * 7, ..Counts::default() };
            past.sample(counts, Letters::default(), Some(second), &[]);
        }
        let History { stored, lag, .. } = past.history();
        assert_eq!((stored.len(), lag.len()), (SPAN, SPAN));
        assert!(stored.iter().all(|count| *count == 7));
        assert_eq!(lag.last(), Some(&Some(399)));
    }

    /// After the process stood still, the missed samples are taken all at once.
    #[test]
    fn samples_close_together_tell_of_no_more_than_happened() {
        let mut past = Past::default();
        for stored in [0, 5] {
            past.sample(Counts { stored, ..Counts::default() }, Letters::default(), None, &[]);
        }
        assert!(past.rates().stored <= 5.0, "{:?}", past.rates());
    }

    #[test]
    fn a_stage_is_away_from_its_first_reason_to_the_sample_without_one() {
        let (mut past, readiness) = (Past::default(), Readiness::default());
        let sample = |past: &mut Past| {
            past.sample(Counts::default(), Letters::default(), None, &readiness.reasons());
        };
        sample(&mut past);
        let report = readiness.report("sink", Why::Unreachable, "no answer");
        sample(&mut past);
        sample(&mut past);
        let away = past.history().away;
        assert_eq!(away.len(), 1);
        assert_eq!((away[0].stage, away[0].to), ("sink", None));
        assert_eq!(away[0].from, readiness.reasons()[0].since);
        drop(report);
        sample(&mut past);
        assert!(past.history().away[0].to.is_some());
    }

    /// One sample per second. At the last sample, nine letters were buried within the last minute.
    #[test]
    fn a_minute_of_dead_letters_alone_is_told_with_its_commonest_reason_and_its_start() {
        let mut past = Past::default();
        let mut second = |stored, buried, unfit| {
            let mut letters = Letters::default();
            letters.add(Reason::SchemaViolation, buried - unfit);
            letters.add(Reason::UnfitValue, unfit);
            past.sample(Counts { stored, buried, ..Counts::default() }, letters, None, &[]);
            past.all_rejected()
        };
        for buried in 0..10 {
            assert_eq!(second(1, buried, 0), None);
        }
        let began = second(1, 10, 4).expect("ten letters and nothing else");
        assert_eq!((began.symptom, began.messages), (Symptom::AllRejected, Some(10)));
        assert!(began.cause.ends_with("most as schema_violation"), "{}", began.cause);
        let later = second(1, 40, 30).expect("still");
        assert!(later.cause.ends_with("most as unfit_value"), "{}", later.cause);
        assert_eq!(later.since, began.since);
        assert_eq!(second(2, 50, 30), None, "one was stored");
    }
}
