use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::inbox::Inbox;
use crate::jetstream::session::Session;

/// The inboxes that no pull uses at this moment. There are as many inboxes as there were
/// simultaneous pulls.
#[derive(Default)]
pub(crate) struct Inboxes(Mutex<VecDeque<Inbox>>);

impl Inboxes {
    /// The inbox that was unused longest. Inboxes of another stream or connection are dropped:
    /// their messages are delivered again.
    pub fn take(&self, session: Session) -> Option<Inbox> {
        let mut inboxes = self.inboxes();
        inboxes.retain(|inbox| inbox.is_of(session));
        inboxes.pop_front()
    }

    pub fn keep(&self, inbox: Inbox) {
        self.inboxes().push_back(inbox);
    }

    fn inboxes(&self) -> MutexGuard<'_, VecDeque<Inbox>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
