//! A body with one document per line; the answer has one line for each.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{self, Stream};
use hyper::body::Frame;
use l0_stage::{Bytes, Verdict};
use tokio::sync::oneshot::Receiver;
use tokio::sync::oneshot::error::TryRecvError;
use tokio::time::{Instant, timeout_at};

use crate::answer::Answer;
use crate::inbox::Inbox;
use crate::problem::Problem;
use crate::room::Room;
use crate::ticket::Posted;

/// Answers that are ready at the same time are sent together, up to about this many bytes.
const FRAME: usize = 8 * 1024;

/// The most lines that are put into the inbox at once, because the inbox is locked meanwhile.
const STEP: usize = 500;

/// The most lines of one body that are in the inbox or with a worker, and not answered yet.
const UNANSWERED: usize = 10_000;

/// After this many bytes of an answer, errors have only their code.
const WORDS: usize = 1024 * 1024;

/// Refuses a body with more than `most` lines, blank ones included.
pub(crate) fn check(body: &[u8], most: usize) -> Result<(), Problem> {
    match body.split_inclusive(|byte| *byte == b'\n').nth(most) {
        Some(_) => Err(Problem::too_many_lines(most)),
        None => Ok(()),
    }
}

/// The answers in the order of the lines. Each is sent as soon as it and all before it are known.
pub(crate) fn answers(
    lines: Lines,
    inbox: Arc<Inbox>,
    patience: Duration,
    request_id: String,
) -> impl Stream<Item = Result<Frame<Bytes>, Infallible>> + Send {
    let waiting = VecDeque::new();
    let answers =
        Answers { lines, inbox, patience, request_id, waiting, answered: 0, given_up: None };
    stream::unfold(answers, |mut answers| async {
        let text = answers.next().await;
        (!text.is_empty()).then(|| (Ok(Frame::data(text.into())), answers))
    })
}

struct Answers {
    lines: Lines,
    inbox: Arc<Inbox>,
    patience: Duration,
    request_id: String,
    /// Lines that were accepted, each with the time until which its answer is awaited.
    waiting: VecDeque<(Receiver<Verdict>, Instant)>,
    /// Bytes of the answer so far.
    answered: usize,
    /// Why the other lines are not accepted any more.
    given_up: Option<Problem>,
}

impl Answers {
    /// The next part of the answer; empty at the end.
    async fn next(&mut self) -> String {
        let mut text = String::new();
        while text.len() < FRAME {
            let refusal = self.hand_over();
            let answer = match self.waiting.pop_front() {
                Some((verdict, deadline)) if text.is_empty() => self.wait(verdict, deadline).await,
                Some((mut verdict, deadline)) => match verdict.try_recv() {
                    Ok(verdict) => Answer::of(Ok(verdict)),
                    Err(TryRecvError::Closed) => Answer::Not(Problem::given_back()),
                    Err(TryRecvError::Empty) => {
                        self.waiting.push_front((verdict, deadline));
                        break;
                    }
                },
                None => match (refusal, self.lines.next()) {
                    (Some(problem), Some(_)) => Answer::Not(problem),
                    _ => break,
                },
            };
            let line = answer.line(&self.request_id, self.answered > WORDS);
            self.answered += line.len();
            text.push_str(&line);
        }
        text
    }

    async fn wait(&mut self, verdict: Receiver<Verdict>, deadline: Instant) -> Answer {
        match timeout_at(deadline, verdict).await {
            Ok(verdict) => Answer::of(verdict),
            Err(_) => {
                self.given_up = Some(Problem::timed_out());
                Answer::Not(Problem::timed_out())
            }
        }
    }

    /// Accepts the lines for which there is room. Returns why it did not accept all.
    fn hand_over(&mut self) -> Option<Problem> {
        while !self.lines.is_empty() && self.waiting.len() < UNANSWERED {
            if let Some(problem) = &self.given_up {
                return Some(problem.clone());
            }
            let deadline = Instant::now() + self.patience;
            let Self { lines, waiting, .. } = self;
            let client = lines.room.client();
            let documents = lines.by_ref().take(STEP).map(|(line, room)| {
                let (posted, verdict) = Posted::new(line, room);
                waiting.push_back((verdict, deadline));
                posted
            });
            if let Err(problem) = self.inbox.push(client, documents) {
                return Some(problem);
            }
        }
        None
    }
}

/// The rest of a body, line by line, without blank lines. All lines share the body's memory.
pub(crate) struct Lines {
    body: Bytes,
    room: Arc<Room>,
}

impl Lines {
    pub fn of(body: Bytes, room: Arc<Room>) -> Self {
        let mut lines = Self { body, room };
        lines.skip_blank();
        lines
    }

    pub fn is_empty(&self) -> bool {
        self.body.is_empty()
    }

    /// Skips white space and line ends before the next document.
    fn skip_blank(&mut self) {
        let mut start = 0;
        for line in self.body.split_inclusive(|byte| *byte == b'\n') {
            if !line.trim_ascii().is_empty() {
                break;
            }
            start += line.len();
        }
        let _ = self.body.split_to(start);
    }
}

impl Iterator for Lines {
    type Item = (Bytes, Arc<Room>);

    fn next(&mut self) -> Option<Self::Item> {
        let length = self.body.split_inclusive(|byte| *byte == b'\n').next()?.len();
        let mut line = self.body.split_to(length);
        if line.ends_with(b"\n") {
            line.truncate(length - 1);
            line.truncate(line.strip_suffix(b"\r").unwrap_or(&line).len());
        }
        self.skip_blank();
        Some((line, Arc::clone(&self.room)))
    }
}
