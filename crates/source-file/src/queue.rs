//! The queue between the reading thread and the workers.

use std::collections::{BTreeMap, VecDeque};
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use l0_stage::anyhow::anyhow;
use l0_stage::observe::Progress;
use l0_stage::{Delivery, Error, Message, Verdict};
use tokio::sync::Notify;

/// How many bytes the reader may be ahead of the workers, and how many one batch may have:
/// invariant 5.
const READ_AHEAD: usize = 8 * 1024 * 1024;

/// What a message takes beside its payload, in bytes. It bounds millions of tiny messages too.
const OVERHEAD: usize = 256;

/// A finite input cannot wait for ever: a line that was given back this often is not tried again.
const MOST_TRIES: u32 = 5;

/// The longest delay before a line is tried again. Five tries take longer than the minute after
/// which the engine may bury it.
const LONGEST_DELAY: Duration = Duration::from_secs(20);

/// The most lines that are named if the input fails because of them.
const NAMED: usize = 10;

/// A line in the queue, and its length in the input, in bytes.
#[derive(Debug)]
pub(crate) struct Item {
    pub message: Message,
    pub size: u64,
    /// How often it was given back.
    pub returns: u32,
}

impl Item {
    fn weight(&self) -> usize {
        self.message.payload.len() + OVERHEAD
    }
}

/// What the queue has for a worker at present.
pub(crate) enum Next {
    Batch(Vec<Item>),
    /// Nothing. At this instant a line that was given back is due.
    Wait(Option<Instant>),
    End,
}

/// The queue between the reading thread and the workers. It holds every line until it is settled.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    state: Mutex<State>,
    room: Condvar,
    /// Wakes a worker that found nothing.
    pub changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Item>,
    weight: usize,
    /// Lines that were given back, by the instant at which they are due. The number distinguishes
    /// equal instants.
    later: BTreeMap<(Instant, u64), Item>,
    given_back: u64,
    in_hand: usize,
    /// Lines that were given back too often.
    refused: Vec<String>,
    done: u64,
    read: u64,
    input: Input,
}

/// What the reader reported last.
#[derive(Debug, Default)]
enum Input {
    #[default]
    Open,
    Ended,
    Failed(String),
}

impl Queue {
    /// Adds lines once there is room. `false` if the source was dropped.
    pub fn push(&self, items: Vec<Item>, blank: u64) -> bool {
        let mut state = self.state();
        while state.weight >= READ_AHEAD && state.is_open() {
            state = self.room.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let is_open = state.is_open();
        state.done += blank;
        state.read += blank + items.iter().map(|item| item.size).sum::<u64>();
        items.into_iter().for_each(|item| state.add(item));
        drop(state);
        self.changed.notify_waiters();
        is_open
    }

    /// Notes that no more lines will come.
    pub fn end(&self, ended: Result<(), String>) {
        let mut state = self.state();
        if state.is_open() {
            state.input = match ended {
                Ok(()) => Input::Ended,
                Err(problem) => Input::Failed(problem),
            };
        }
        drop(state);
        self.room.notify_all();
        self.changed.notify_waiters();
    }

    /// At most `max` lines, and a limited number of bytes. Lines read before a failure come first.
    pub fn take(&self, max: usize) -> Result<Next, Error> {
        let mut state = self.state();
        let batch = state.take(max);
        if batch.is_empty() {
            return state.nothing();
        }
        drop(state);
        self.room.notify_all();
        Ok(Next::Batch(batch))
    }

    /// Hands a line over, until its receipt is settled or dropped.
    pub fn deliver(self: &Arc<Self>, Item { message, size, returns }: Item) -> Delivery {
        let queue = Arc::clone(self);
        Delivery::held(message, move |message, verdict| {
            queue.settle(Item { message, size, returns }, verdict);
        })
    }

    /// Ends a delivery. Without a verdict it was dropped, so the line is delivered again.
    fn settle(&self, item: Item, verdict: Option<Verdict>) {
        let mut state = self.state();
        state.in_hand -= 1;
        match verdict {
            None => state.add(item),
            Some(Verdict::Returned(delay)) => state.return_or_refuse(item, delay),
            Some(_) => state.done += item.size,
        }
        drop(state);
        self.changed.notify_waiters();
    }

    /// The progress in bytes. `total` grows if the input grew and the addition was read.
    pub fn progress(&self, total: Option<u64>) -> Progress {
        let state = self.state();
        Progress { done: state.done, total: total.map(|total| total.max(state.read)) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_open(&self) -> bool {
        matches!(self.input, Input::Open)
    }

    fn add(&mut self, item: Item) {
        self.weight += item.weight();
        self.waiting.push_back(item);
    }

    fn return_or_refuse(&mut self, mut item: Item, delay: Duration) {
        item.returns += 1;
        if item.returns >= MOST_TRIES {
            let origin = &item.message.origin;
            self.refused.push(format!("{}:{}", origin.stream, origin.sequence));
            return;
        }
        self.given_back += 1;
        let due = Instant::now() + delay.min(LONGEST_DELAY);
        self.later.insert((due, self.given_back), item);
    }

    fn take(&mut self, max: usize) -> Vec<Item> {
        let not_due = self.later.split_off(&(Instant::now(), u64::MAX));
        let due = mem::replace(&mut self.later, not_due);
        due.into_values().for_each(|item| self.add(item));
        let (mut batch, mut weight) = (Vec::new(), 0);
        while batch.len() < max
            && (weight < READ_AHEAD)
            && let Some(item) = self.waiting.pop_front()
        {
            weight += item.weight();
            batch.push(item);
        }
        self.weight -= weight;
        self.in_hand += batch.len();
        batch
    }

    /// An error that names the lines that are neither stored nor buried.
    fn refusal(&self) -> l0_stage::anyhow::Error {
        let named = self.refused.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        let more = match self.refused.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        anyhow!(
            "the sink refused these lines {MOST_TRIES} times for unclear reasons, and they are \
             neither stored nor dead letters: {named}{more}"
        )
    }

    fn nothing(&self) -> Result<Next, Error> {
        match &self.input {
            Input::Failed(problem) => Err(Error::permanent(anyhow!("{problem}"))),
            Input::Ended if self.in_hand == 0 && self.later.is_empty() => match self.refused[..] {
                [] => Ok(Next::End),
                _ => Err(Error::permanent(self.refusal())),
            },
            Input::Open | Input::Ended => {
                Ok(Next::Wait(self.later.keys().next().map(|(due, _)| *due)))
            }
        }
    }
}
