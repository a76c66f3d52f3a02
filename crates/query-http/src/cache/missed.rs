use std::collections::{HashMap, VecDeque};

use tokio::sync::oneshot;

use super::Answer;

type Asker = oneshot::Sender<Answer>;

/// The ids that were asked for and not answered yet.
#[derive(Debug)]
pub(super) struct Missed {
    /// Those being read, and those in the queue.
    askers: HashMap<i64, Vec<Asker>>,
    /// Those that no task has taken.
    queue: VecDeque<i64>,
    tasks: usize,
    max_ids: usize,
    max_tasks: usize,
}

/// What became of a question.
pub(super) enum Asked {
    /// The answer will come here.
    Queued(oneshot::Receiver<Answer>),
    /// The same, once a task more is at work: the caller starts it.
    QueuedForNewTask(oneshot::Receiver<Answer>),
    /// Too many ids wait already.
    TooMany,
}

impl Missed {
    pub fn new(max_ids: usize, max_tasks: usize) -> Self {
        let (askers, queue) = (HashMap::new(), VecDeque::new());
        Self { askers, queue, tasks: 0, max_ids, max_tasks }
    }

    /// Asks for an id, together with those who ask for it already.
    pub fn ask(&mut self, id: i64) -> Asked {
        let (asker, answer) = oneshot::channel();
        if let Some(askers) = self.askers.get_mut(&id) {
            askers.push(asker);
            return Asked::Queued(answer);
        }
        if self.askers.len() >= self.max_ids {
            return Asked::TooMany;
        }
        self.askers.insert(id, vec![asker]);
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
        Some(self.queue.drain(..most.min(self.queue.len())).collect())
    }

    /// Everybody who asked for an id that was read. Who asks from now on asks anew.
    pub fn askers(&mut self, id: i64) -> Vec<Asker> {
        self.askers.remove(&id).unwrap_or_default()
    }
}
