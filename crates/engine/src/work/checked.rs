use l0_stage::{DeadLetter, Message, Record, Rejection, Verdict};

/// A batch on its way through the stages, message by message.
#[derive(Default)]
pub(crate) struct Checked {
    pub records: Vec<Record>,
    /// Where each record stands in the batch.
    pub places: Vec<usize>,
    pub letters: Vec<DeadLetter>,
    pub decided: Vec<Option<Decided>>,
    /// Letters of documents that the sink cannot hold as it knows its store, each with its place.
    pub unfit: Vec<(usize, Box<DeadLetter>)>,
    /// The role of a stage that panicked, and where.
    pub panicked: Option<(&'static str, Rejection)>,
}

/// What was decided on a message.
pub(crate) enum Decided {
    As(Verdict),
    /// Nothing: it is kept in hand, to be written again.
    Not(Box<Message>),
}

impl Checked {
    /// Of so many messages.
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

/// What is new in the sink, and its ids.
pub(crate) fn stored<'a>(
    records: &'a [Record],
    verdicts: &'a [Option<Verdict>],
) -> impl Iterator<Item = (&'a Record, i64)> {
    records.iter().zip(verdicts).filter_map(|(record, verdict)| match verdict {
        Some(Verdict::Stored { id }) => Some((record, *id)),
        _ => None,
    })
}
