use l0_stage::{DeadLetter, Message, Record, Rejection, Verdict};

/// A batch after its checks: encoded records, letters, and the decisions made so far.
#[derive(Default)]
pub(crate) struct Checked {
    pub records: Vec<Record>,
    /// The index of each record in the batch.
    pub places: Vec<usize>,
    pub letters: Vec<DeadLetter>,
    pub decided: Vec<Option<Decided>>,
    /// Letters of documents that do not fit the tables as the sink last saw them, each with its
    /// index in the batch.
    pub unfit: Vec<(usize, Box<DeadLetter>)>,
    /// The role of a stage that panicked, and a rejection that names the place of the panic.
    pub panicked: Option<(&'static str, Rejection)>,
}

/// The decision about a message of the batch.
pub(crate) enum Decided {
    As(Verdict),
    /// The message is undecided. The worker keeps it and writes it again later.
    Not(Box<Message>),
}

impl Checked {
    /// An empty result for a batch of this many messages.
    pub fn of(messages: usize) -> Self {
        let decided = (0..messages).map(|_| None).collect();
        Self { decided, ..Self::default() }
    }

    pub fn add(&mut self, place: usize, record: Record) {
        self.records.push(record);
        self.places.push(place);
    }

    pub fn bury(&mut self, place: usize, letter: DeadLetter) {
        let verdict = Verdict::Buried(letter.rejection.clone());
        self.decided[place] = Some(Decided::As(verdict));
        self.letters.push(letter);
    }
}

/// The records that were newly stored, with their ids.
pub(crate) fn stored<'a>(
    records: &'a [Record],
    verdicts: &'a [Option<Verdict>],
) -> impl Iterator<Item = (&'a Record, i64)> {
    records.iter().zip(verdicts).filter_map(|(record, verdict)| match verdict {
        Some(Verdict::Stored { id }) => Some((record, *id)),
        _ => None,
    })
}
