//! Ids that were requested and are not answered yet.

use std::collections::{HashMap, VecDeque};

use tokio::sync::oneshot;

use super::Answer;

type Asker = oneshot::Sender<Answer>;

/// The ids that were requested but not answered yet.
#[derive(Debug)]
pub(super) struct Missed {
    /// The ids being read, and those in the queue.
    waiting: HashMap<i64, Waiting>,
    /// The ids that no task has taken yet.
    queue: VecDeque<i64>,
    tasks: usize,
    max_ids: usize,
    max_tasks: usize,
}

/// The callers that asked for one id, in their order.
#[derive(Debug)]
struct Waiting {
    askers: Vec<Asker>,
    /// How many of them had asked before the read began. They are the first ones.
    before_read: usize,
}

/// What a caller has to do after its request.
pub(super) enum Asked {
    /// The answer will come over this channel.
    Queued(oneshot::Receiver<Answer>),
    /// The same, but the caller must start another task.
    QueuedForNewTask(oneshot::Receiver<Answer>),
    /// Too many ids are waiting already.
    TooMany,
}

impl Missed {
    pub fn new(max_ids: usize, max_tasks: usize) -> Self {
        let (waiting, queue) = (HashMap::new(), VecDeque::new());
        Self { waiting, queue, tasks: 0, max_ids, max_tasks }
    }

    /// Asks for an id, together with callers that ask for it already.
    pub fn ask(&mut self, id: i64) -> Asked {
        let (asker, answer) = oneshot::channel();
        if let Some(waiting) = self.waiting.get_mut(&id) {
            waiting.askers.push(asker);
            return Asked::Queued(answer);
        }
        if self.waiting.len() >= self.max_ids {
            return Asked::TooMany;
        }
        self.waiting.insert(id, Waiting { askers: vec![asker], before_read: 0 });
        self.queue.push_back(id);
        if self.tasks >= self.max_tasks {
            return Asked::Queued(answer);
        }
        self.tasks += 1;
        Asked::QueuedForNewTask(answer)
    }

    /// Up to `most` ids for a task to read; `None` ends the task.
    pub fn take(&mut self, most: usize) -> Option<Vec<i64>> {
        if self.queue.is_empty() {
            self.tasks -= 1;
            return None;
        }
        let ids: Vec<_> = self.queue.drain(..most.min(self.queue.len())).collect();
        for id in &ids {
            if let Some(waiting) = self.waiting.get_mut(id) {
                waiting.before_read = waiting.askers.len();
            }
        }
        Some(ids)
    }

    /// All callers whom this answer satisfies. Later callers cause a new read.
    ///
    /// Documents never change, but an absent one may be committed. A caller that asked after the
    /// read had begun may know of a commit that the read did not see. So it waits for another read.
    pub fn answered(&mut self, id: i64, answer: &Answer) -> Vec<Asker> {
        let Some(Waiting { mut askers, before_read }) = self.waiting.remove(&id) else {
            return Vec::new();
        };
        if matches!(answer, Ok(None)) && askers.len() > before_read {
            let late = askers.split_off(before_read);
            self.waiting.insert(id, Waiting { askers: late, before_read: 0 });
            self.queue.push_back(id);
        }
        askers
    }
}
