//! The answer to a body of several documents: one line for each.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::iter;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{self, Stream};
use hyper::body::Frame;
use l0_stage::{Bytes, Verdict};
use tokio::sync::oneshot::Receiver;
use tokio::sync::oneshot::error::TryRecvError;
use tokio::time::{Instant, timeout_at};

use crate::answer::Answer;
use crate::documents::Documents;
use crate::inbox::Inbox;
use crate::problem::Problem;
use crate::room::Room;
use crate::ticket::Posted;

/// Answers that are ready at the same time are sent together, up to about this many bytes.
const FRAME: usize = 8 * 1024;

/// The most documents that are put into the inbox at once, because the inbox is locked meanwhile.
const STEP: usize = 500;

/// The same in bytes: to find the end of a document takes its time too.
const STEP_BYTES: usize = 256 * 1024;

/// The most documents of one body that are in the inbox or with a worker, and not answered yet.
const UNANSWERED: usize = 10_000;

/// After this many bytes of an answer, errors have only their code.
const WORDS: usize = 1024 * 1024;

/// The answers in the order of the documents. Each is sent as soon as it and all before it are known.
pub(crate) fn answers(
    documents: Documents,
    inbox: Arc<Inbox>,
    patience: Duration,
    request_id: String,
) -> impl Stream<Item = Result<Frame<Bytes>, Infallible>> + Send {
    let waiting = VecDeque::new();
    let answers =
        Answers { documents, inbox, patience, request_id, waiting, answered: 0, given_up: None };
    stream::unfold(answers, |mut answers| async {
        let text = answers.next().await;
        (!text.is_empty()).then(|| (Ok(Frame::data(text.into())), answers))
    })
}

struct Answers {
    documents: Documents,
    inbox: Arc<Inbox>,
    patience: Duration,
    request_id: String,
    /// Documents that were accepted, each with the time until which its answer is awaited.
    waiting: VecDeque<(Receiver<Verdict>, Instant)>,
    /// Bytes of the answer so far.
    answered: usize,
    /// Why the other documents are not accepted any more.
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
                None => match self.refuse_next(refusal) {
                    Some(problem) => Answer::Not(problem),
                    None => break,
                },
            };
            let line = answer.line(&self.request_id, self.answered > WORDS);
            self.answered += line.len();
            text.push_str(&line);
        }
        text
    }

    /// Why the next document is not accepted. At the end, whether something is missing there.
    fn refuse_next(&mut self, refusal: Option<Problem>) -> Option<Problem> {
        match refusal {
            Some(problem) => self.documents.next().map(|_| problem),
            None => self.documents.take_problem(),
        }
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

    /// Accepts the documents for which there is room. Returns why it did not accept all.
    fn hand_over(&mut self) -> Option<Problem> {
        while !self.documents.is_empty() && self.waiting.len() < UNANSWERED {
            if let Some(problem) = &self.given_up {
                return Some(problem.clone());
            }
            let deadline = Instant::now() + self.patience;
            let Self { documents, waiting, .. } = self;
            let client = documents.client();
            let posted = some(documents).map(|(payload, room)| {
                let (posted, verdict) = Posted::new(payload, room);
                waiting.push_back((verdict, deadline));
                posted
            });
            if let Err(problem) = self.inbox.push(client, posted) {
                return Some(problem);
            }
        }
        None
    }
}

/// As many documents as are put into the inbox at once.
fn some(documents: &mut Documents) -> impl Iterator<Item = (Bytes, Arc<Room>)> {
    let mut bytes = 0;
    let next = move || {
        let next = if bytes < STEP_BYTES { documents.next() } else { None };
        bytes += next.as_ref().map_or(0, |(payload, _)| payload.len());
        next
    };
    iter::from_fn(next).take(STEP)
}
