use l0_stage::{DeadLetter, Message, Record, Rejection, Verdict};

/// A batch on its way through the stages.
#[derive(Default)]
pub(crate) struct Checked {
    pub records: Vec<Record>,
    /// The index of each record in the batch.
    pub places: Vec<usize>,
    pub letters: Vec<DeadLetter>,
    pub decided: Vec<Option<Decided>>,
    /// Letters of documents that do not fit the sink's tables as it knows them, each with its
    /// index.
    pub unfit: Vec<(usize, Box<DeadLetter>)>,
    /// The role of a stage that panicked, and where.
    pub panicked: Option<(&'static str, Rejection)>,
}

/// What was decided about a message.
pub(crate) enum Decided {
    As(Verdict),
    /// Undecided: it is kept in hand, to be written again.
    Not(Box<Message>),
}

impl Checked {
    /// A batch of this many messages.
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

/// The newly stored documents, with their ids.
pub(crate) fn stored<'a>(
    records: &'a [Record],
    verdicts: &'a [Option<Verdict>],
) -> impl Iterator<Item = (&'a Record, i64)> {
    records.iter().zip(verdicts).filter_map(|(record, verdict)| match verdict {
        Some(Verdict::Stored { id }) => Some((record, *id)),
        _ => None,
    })
}
