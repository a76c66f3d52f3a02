//! Which pulls are open, and how many messages each may still bring.

use std::collections::VecDeque;

/// The pulls that may still bring messages, the oldest first. The server serves them in this order.
#[derive(Default)]
pub(super) struct Pulls {
    open: VecDeque<Pull>,
    made: u64,
}

struct Pull {
    token: u64,
    due: usize,
    is_ended: bool,
}

impl Pulls {
    pub fn next(&self) -> u64 {
        self.made
    }

    pub fn open(&mut self, due: usize) {
        self.open.push_back(Pull { token: self.made, due, is_ended: false });
        self.made += 1;
    }

    pub fn due(&self) -> usize {
        self.open.iter().map(|pull| pull.due).sum()
    }

    pub fn are_ended(&self) -> bool {
        self.open.iter().all(|pull| pull.is_ended)
    }

    /// Notes that a message arrived. The message does not say which pull it belongs to.
    pub fn bring(&mut self) {
        if let Some(oldest) = self.open.front_mut() {
            oldest.due -= 1;
            self.drop_done();
        }
    }

    /// Notes that a pull has ended. The server has ended all older pulls before it.
    pub fn end(&mut self, token: u64, not_given: Option<usize>) -> bool {
        let Some(place) = self.open.iter().position(|pull| pull.token == token) else {
            return false;
        };
        self.open.drain(..place);
        if let Some(ended) = self.open.front_mut() {
            ended.due = not_given.map_or(0, |not_given| ended.due.saturating_sub(not_given));
            ended.is_ended = true;
        }
        self.drop_done();
        true
    }

    /// Forgets all pulls, because none of their messages will arrive any more.
    pub fn forget(&mut self) {
        self.open.clear();
    }

    fn drop_done(&mut self) {
        while self.open.front().is_some_and(|pull| pull.due == 0) {
            self.open.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pulls: [usize; 2]) -> Pulls {
        let mut all = Pulls::default();
        pulls.into_iter().for_each(|due| all.open(due));
        all
    }

    #[test]
    fn what_comes_is_counted_to_the_oldest_pull() {
        let mut pulls = of([2, 3]);
        (0..3).for_each(|_| pulls.bring());
        assert_eq!(pulls.due(), 2);
        assert!(!pulls.end(0, Some(1)), "it was given all");
        assert!(pulls.end(1, Some(2)));
        assert_eq!(pulls.due(), 0);
        // The server sends more than it was asked for. The message is accepted all the same.
        pulls.bring();
        assert_eq!(pulls.due(), 0);
    }

    #[test]
    fn a_pull_that_has_ended_is_due_what_it_was_given_and_has_not_brought() {
        let mut pulls = of([10, 10]);
        pulls.bring();
        assert!(pulls.end(0, Some(7)));
        assert_eq!((pulls.due(), pulls.are_ended()), (12, false));
        // The status does not tell how many: everything has arrived. The older pull can bring
        // nothing after it.
        assert!(pulls.end(1, None));
        assert_eq!((pulls.due(), pulls.are_ended()), (0, true));
    }
}
