use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use l0_stage::observe::{Backlog, Degraded, Measure};
use l0_stage::{Delivery, Error, Publisher, Source, Stop, async_trait};
use tokio::time::timeout;

use crate::jetstream::api::Api;
use crate::jetstream::session::Sessions;
use crate::link::Link;
use crate::link::connect::PATIENCE;
use crate::link::retry::until_reached;
use crate::probe::backlog::Board;
use crate::probe::clock::Clock;
use crate::probe::keeper::{Keeper, Kept};
use crate::probe::measures::Tally;
use crate::probe::oldest::Oldest;
use crate::probe::returns::Returns;
use crate::probe::room::Room;
use crate::publisher::NatsPublisher;
use crate::receive::acks::Acks;
use crate::receive::receiver::{Receiver, Receiving};
use crate::{NatsConfig, failure};

/// Longest time that settling waits for a server that does not answer. After that, the server will
/// deliver the messages again.
const HOLD: Duration = Duration::from_secs(10);

/// The source: receives the messages of a stream through its durable.
pub(crate) struct NatsSource {
    link: Arc<Link>,
    config: Arc<NatsConfig>,
    sessions: Arc<Sessions>,
    board: Arc<Board>,
    room: Arc<Room>,
    clock: Arc<Clock>,
    acks: Arc<Acks>,
    receiver: Receiver,
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
        let acks = Arc::new(Acks::new(Arc::clone(&link), Arc::clone(&config), returns));
        let receiver = Receiver::new(Receiving {
            link: Arc::clone(&link),
            config: Arc::clone(&config),
            sessions: Arc::clone(&sessions),
            board: Arc::clone(&board),
            acks: Arc::clone(&acks),
        });
        Ok(Self {
            link,
            config,
            sessions,
            board,
            room,
            clock,
            acks,
            receiver,
            keeper: Mutex::new(Some(keeper)),
            extend_every: NatsConfig::extend_every(session.ack_wait),
            most_open: session.limits.open,
        })
    }

    /// Looks at stream and durable. If stream or durable was replaced, receipts from before send no
    /// acks from now on.
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
}

#[async_trait]
impl Source for NatsSource {
    async fn receive(&self, max: usize, stop: &Stop) -> Result<Option<Vec<Delivery>>, Error> {
        self.receiver.receive(max, stop).await
    }

    async fn answered(&self) {
        self.receiver.answered().await;
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

    /// The most messages that may be given back at the same time. The server still counts a message
    /// that was given back as an open delivery.
    fn most_given_back(&self) -> usize {
        const MOST: usize = 1_000;
        (self.most_open / 10).clamp(1, MOST)
    }

    /// The server reads a connection in order. So its answer to a request proves that it has read
    /// every ack that was sent before the request.
    async fn close(&self) -> Result<(), Error> {
        // From here on, the connection must be the one on which the acks were sent.
        drop(self.keeper.lock().unwrap_or_else(PoisonError::into_inner).take());
        Api::new(&self.link, &self.config).consumer().await?;
        match timeout(PATIENCE, self.link.connection().client.drain()).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(failure::disconnected(&self.link.address)),
        }
    }
}
