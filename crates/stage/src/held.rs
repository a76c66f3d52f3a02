//! [`Delivery::held`]: a delivery whose receipt gives the message back to the source.

use async_trait::async_trait;

use crate::{Delivery, Error, Message, Receipt, Verdict};

impl Delivery {
    /// A delivery for a source that keeps its messages in its own memory until they are settled.
    ///
    /// `end` is called once: with the verdict, or with `None` if the receipt was dropped. `end` also
    /// gets the message back, with its attempt number already raised by one, so the source can
    /// deliver it again unchanged. Until then the receipt owns the message. So a message never has
    /// two receipts, and the receipt of an earlier attempt cannot settle a later attempt.
    ///
    /// Do not use `held` if the service may deliver a message again while its receipt still exists
    /// (an ack wait). The receipt for such a service must send the number of its attempt with the
    /// ack.
    ///
    /// ```
    /// use std::sync::{Arc, Mutex};
    /// use l0_stage::{Delivery, Message, Verdict};
    ///
    /// #[derive(Default)]
    /// struct Queue { waiting: Vec<Message>, done: usize }
    ///
    /// fn next(queue: &Arc<Mutex<Queue>>) -> Option<Delivery> {
    ///     let message = queue.lock().unwrap().waiting.pop()?;
    ///     let queue = Arc::clone(queue);
    ///     Some(Delivery::held(message, move |message, verdict| {
    ///         let mut queue = queue.lock().unwrap();
    ///         match verdict {
    ///             // A real source waits for the delay before it delivers a message again.
    ///             None | Some(Verdict::Returned(_)) => queue.waiting.push(message),
    ///             Some(_) => queue.done += 1,
    ///         }
    ///     }))
    /// }
    /// # use l0_stage::{Bytes, Origin, time::OffsetDateTime};
    /// # let published = OffsetDateTime::UNIX_EPOCH;
    /// # let origin = Origin { stream: "s".into(), stream_created: None, sequence: 1, published, attempt: 1 };
    /// # let message = Message { origin, subject: String::new(), headers: Bytes::new(), payload: Bytes::new() };
    /// # let queue = Arc::new(Mutex::new(Queue { waiting: vec![message], done: 0 }));
    ///
    /// let first = next(&queue).unwrap();
    /// assert!(next(&queue).is_none());
    /// drop(first);
    /// let second = next(&queue).unwrap();
    /// assert_eq!(second.message.origin.attempt, 2);
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async move {
    /// second.receipt.settle(Verdict::Stored { id: 1 }).await.unwrap();
    /// assert_eq!(queue.lock().unwrap().done, 1);
    /// # });
    /// ```
    pub fn held(
        message: Message,
        end: impl FnOnce(Message, Option<Verdict>) + Send + Sync + 'static,
    ) -> Self {
        let held = Held { open: Some((message.clone(), end)) };
        Self::new(message, Box::new(held))
    }
}

/// Calls `end` exactly once, either when the receipt is settled or when it is dropped.
struct Held<E: FnOnce(Message, Option<Verdict>)> {
    open: Option<(Message, E)>,
}

impl<E: FnOnce(Message, Option<Verdict>)> Held<E> {
    fn end(&mut self, verdict: Option<Verdict>) {
        if let Some((mut message, end)) = self.open.take() {
            message.origin.attempt += 1;
            end(message, verdict);
        }
    }
}

#[async_trait]
impl<E: FnOnce(Message, Option<Verdict>) + Send + Sync> Receipt for Held<E> {
    async fn settle(mut self: Box<Self>, verdict: Verdict) -> Result<(), Error> {
        self.end(Some(verdict));
        Ok(())
    }
}

impl<E: FnOnce(Message, Option<Verdict>)> Drop for Held<E> {
    fn drop(&mut self) {
        self.end(None);
    }
}
