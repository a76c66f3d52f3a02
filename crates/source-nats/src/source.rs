use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_nats::Message as Wire;
use l0_stage::observe::{Backlog, Degraded, Measure};
use l0_stage::{Delivery, Error, Publisher, Source, Stop, async_trait};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

use crate::acks::Acks;
use crate::again::until_reached;
use crate::api::Api;
use crate::backlog::Board;
use crate::clock::Clock;
use crate::connect::PATIENCE;
use crate::inbox::Inbox;
use crate::keeper::{Keeper, Kept};
use crate::link::{Connection, Epoch, Link};
use crate::measures::Tally;
use crate::oldest::Oldest;
use crate::publisher::NatsPublisher;
use crate::returns::Returns;
use crate::room::Room;
use crate::session::{Place, Session, Sessions};
use crate::watchdog::{Beat, Watchdog};
use crate::{NatsConfig, failure, message, receive};

/// Rest after an empty pull. The server ends one at once when others already wait for what is there.
const PAUSE: Duration = Duration::from_millis(10);

/// A receipt is extended at least this often.
pub(crate) const EXTEND: Duration = Duration::from_secs(10);

/// Longest time that deliveries wait to be settled for a server that does not answer; then they come
/// again.
const HOLD: Duration = Duration::from_secs(10);

/// A message could not be read again, which was said.
struct Waiting;

/// The stream, seen through the durable.
pub(crate) struct NatsSource {
    link: Arc<Link>,
    config: Arc<NatsConfig>,
    stream: Arc<str>,
    sessions: Arc<Sessions>,
    board: Arc<Board>,
    room: Arc<Room>,
    clock: Arc<Clock>,
    acks: Arc<Acks>,
    /// As many as there were pulls at once; each is used by one pull at a time.
    inboxes: Mutex<VecDeque<Inbox>>,
    watchdog: Watchdog,
    /// Told at each pull that the server has ended.
    answers: Notify,
    keeper: Mutex<Option<Keeper>>,
    extend_every: Duration,
    most_open: usize,
}

impl NatsSource {
    pub async fn start(link: Link, config: NatsConfig) -> Result<Self, Error> {
        let (link, config) = (Arc::new(link), Arc::new(config));
        let (sessions, board) = (Arc::new(Sessions::default()), Arc::new(Board::default()));
        let session = sessions.current(&link, &config).await?;
        let returns = Returns::default();
        let (room, clock) = (Arc::new(Room::default()), Arc::new(Clock::default()));
        let keeper = Keeper::start(Kept {
            link: Arc::clone(&link),
            config: Arc::clone(&config),
            sessions: Arc::clone(&sessions),
            board: Arc::clone(&board),
            room: Arc::clone(&room),
            clock: Arc::clone(&clock),
            oldest: Oldest::default(),
            returns: returns.clone(),
        });
        let acks = Acks::new(Arc::clone(&link), Arc::clone(&config), returns);
        Ok(Self {
            stream: config.stream.as_str().into(),
            link,
            config,
            sessions,
            board,
            room,
            clock,
            acks: Arc::new(acks),
            inboxes: Mutex::default(),
            watchdog: Watchdog::default(),
            answers: Notify::new(),
            keeper: Mutex::new(Some(keeper)),
            extend_every: EXTEND.min(session.ack_wait / 3),
            most_open: session.limits.open,
        })
    }

    async fn pull(&self, session: Session, max: usize) -> Result<Vec<Delivery>, Error> {
        let mut inbox = match self.kept_inbox(session) {
            Some(inbox) => inbox,
            None => Inbox::open(&self.link, &self.config, session).await?,
        };
        let pull = receive::pull(&mut inbox, &self.link, &self.config, session.limits, max).await;
        match pull.is_broken {
            true => self.watchdog.suspect(pull.epoch, session.ack_wait),
            false => self.inboxes().push_back(inbox),
        }
        match pull.end {
            Ok(()) if self.hindrance().is_none() => self.answers.notify_waiters(),
            Ok(()) => {}
            Err(_) => self.sessions.end(session).await,
        }
        // What came is handed over; a failure shows again at the next pull.
        if pull.messages.is_empty() {
            return pull.end.map(|()| Vec::new());
        }
        // The connection may have changed unnoticed, and the messages may be another stream's.
        let session = match session.is_of(pull.epoch) {
            true => session,
            false => self.renewed(session, pull.epoch).await?,
        };
        let connection = self.link.connection();
        let mut deliveries = Vec::with_capacity(pull.messages.len());
        let mut may_ask = true;
        for wire in pull.messages {
            let claims_status = wire.status.is_some();
            let Some(taken) = self.delivery(session, &connection, wire) else { continue };
            if !claims_status {
                deliveries.push(taken);
            } else if may_ask {
                let exact = self.forged(taken).await;
                // Each could wait as long: what is not asked for comes again.
                may_ask = exact.is_ok();
                deliveries.extend(exact.ok().flatten());
            }
        }
        if let Some(last) = deliveries.iter().map(place).max() {
            self.sessions.received(session, last).await;
        }
        Ok(deliveries)
    }

    /// What the last probe found may have passed since.
    async fn hindered(&self) -> Option<Error> {
        self.hindrance()?;
        match Api::new(&self.link, &self.config).consumer().await {
            Ok(durable) => self.board.look_again(&durable?),
            Err(error) => return Some(error),
        }
        self.hindrance()
    }

    fn hindrance(&self) -> Option<Error> {
        self.board.hindrance(&receive::doing(&self.config))
    }

    /// The one that was not used for the longest time. What those of another stream or connection
    /// hold is not for this session: it comes again.
    fn kept_inbox(&self, session: Session) -> Option<Inbox> {
        let mut inboxes = self.inboxes();
        inboxes.retain(|inbox| inbox.is_of(session));
        inboxes.pop_front()
    }

    fn inboxes(&self) -> MutexGuard<'_, VecDeque<Inbox>> {
        self.inboxes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The session of the moment for messages that came on this connection. If there has been yet
    /// another one since, their receipts are valid only if it is still the stream of before.
    async fn renewed(&self, before: Session, epoch: Epoch) -> Result<Session, Error> {
        let now = self.sessions.current(&self.link, &self.config).await?;
        Ok(if now.is_of(epoch) { now } else { now.with_receipts_of(before) })
    }

    fn delivery(&self, session: Session, connection: &Connection, wire: Wire) -> Option<Delivery> {
        let incarnation = self.sessions.incarnation(session);
        let created = session.stream_created;
        message::delivery(&self.acks, connection, &self.stream, created, incarnation, wire)
    }

    async fn forged(&self, taken: Delivery) -> Result<Option<Delivery>, Waiting> {
        message::forged(&Api::new(&self.link, &self.config), taken).await.map_err(|error| {
            tracing::warn!(%error, "messages with forged headers have to wait");
            Waiting
        })
    }

    /// One look at stream and durable: if they have become others, receipts do nothing from here on.
    async fn look(&self) -> Result<(), Error> {
        self.sessions.current(&self.link, &self.config).await?;
        let known = self.sessions.last_sequence().await;
        let api = Api::new(&self.link, &self.config);
        match tokio::try_join!(api.stream(), api.consumer())? {
            (Some(stream), Some(durable)) => self.sessions.saw(known, &stream, &durable).await,
            _ => self.sessions.missed().await,
        }
        Ok(())
    }

    async fn patrol(&self, session: Session, max: usize) -> Result<Vec<Delivery>, Error> {
        let beat = Beat {
            link: &self.link,
            config: &self.config,
            stream: &self.stream,
            stream_created: session.stream_created,
        };
        let found = self.watchdog.patrol(&beat, max).await;
        if found.is_err() {
            self.sessions.end(session).await;
        }
        found
    }
}

#[async_trait]
impl Source for NatsSource {
    async fn receive(&self, max: usize, stop: &Stop) -> Result<Option<Vec<Delivery>>, Error> {
        loop {
            let ready = async {
                let session = self.sessions.current(&self.link, &self.config).await?;
                if let Err(error) = self.acks.confirm().await {
                    // Stream or durable may be others: then this one means nothing any more.
                    self.sessions.end(session).await;
                    return Err(error);
                }
                Ok((session, self.patrol(session, max).await?))
            };
            // Until a pull is open, all of it may be dropped.
            let (session, found) = tokio::select! {
                biased;
                () = stop.requested() => return Ok(None),
                ready = ready => ready?,
            };
            let batch = match found.is_empty() {
                true => self.pull(session, max).await?,
                false => found,
            };
            if !batch.is_empty() {
                return Ok(Some(batch));
            }
            if let Some(error) = self.hindered().await {
                return Err(error);
            }
            sleep(PAUSE).await;
        }
    }

    async fn answered(&self) {
        self.answers.notified().await;
    }

    fn extend_every(&self) -> Option<Duration> {
        Some(self.extend_every)
    }

    fn publisher(&self) -> Option<Arc<dyn Publisher>> {
        let subject = self.config.subject.literal().next()?.clone();
        Some(Arc::new(NatsPublisher { link: Arc::clone(&self.link), subject }))
    }

    fn backlog(&self) -> Option<Backlog> {
        self.board.latest()
    }

    fn degraded(&self) -> Vec<Degraded> {
        self.room.degraded().into_iter().chain(self.clock.degraded()).collect()
    }

    fn measures(&self) -> Vec<Measure> {
        let incarnations = self.sessions.incarnations();
        let tally = Tally {
            ack_failures: self.acks.failures(),
            reconnects: self.link.reconnects(),
            replacements: self.link.replacements(),
            streams_made_anew: incarnations.streams(),
            durables_made_anew: incarnations.durables(),
        };
        let looked_at = self.room.measures().into_iter().chain(self.clock.measure());
        looked_at.chain(tally.measures()).collect()
    }

    async fn before_settling(&self) -> Result<(), Error> {
        let looked = until_reached(HOLD, || self.look()).await;
        if looked.is_err() {
            self.sessions.doubt().await;
        }
        looked
    }

    /// A message that was given back stays among those that the server waits for.
    fn most_given_back(&self) -> usize {
        const MOST: usize = 1_000;
        (self.most_open / 10).clamp(1, MOST)
    }

    /// The server reads a connection in order: its answer to a request means that it has read every
    /// ack sent before.
    async fn close(&self) -> Result<(), Error> {
        // From here on the connection must stay the one that the acks were sent on.
        drop(self.keeper.lock().unwrap_or_else(PoisonError::into_inner).take());
        Api::new(&self.link, &self.config).consumer().await?;
        match timeout(PATIENCE, self.link.connection().client.drain()).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(failure::disconnected(&self.link.address)),
        }
    }
}

fn place(delivery: &Delivery) -> Place {
    let origin = &delivery.message.origin;
    Place { sequence: origin.sequence, published: origin.published }
}
