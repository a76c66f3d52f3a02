//! The file of the dead letters, each with the exact bytes of its message.

use std::collections::HashSet;
use std::path::Path;

use l0_stage::{DeadLetter, Error};

use crate::csv;
use crate::journal::Journal;

const COLUMNS: [&str; 10] = [
    "letter", "pipeline", "stream", "sequence", "subject", "reason", "detail", "key", "headers",
    "payload",
];

pub(crate) struct Letters {
    pipeline: String,
    journal: Journal,
    /// The first two fields of each.
    buried: HashSet<[Vec<u8>; 2]>,
}

impl Letters {
    pub fn open(path: &Path, pipeline: &str) -> Result<Self, Error> {
        let mut buried = HashSet::new();
        let journal = Journal::open(path, "letters", &csv::record(COLUMNS), |_, record| {
            let fields = csv::fields(record);
            let is_letter = fields.len() == COLUMNS.len();
            let [letter, pipeline, ..] = &fields[..] else { return false };
            buried.insert([letter.clone(), pipeline.clone()]);
            is_letter
        })?;
        Ok(Self { pipeline: pipeline.to_owned(), journal, buried })
    }

    /// Appends those that are not there yet.
    pub fn bury(&mut self, letters: &[DeadLetter]) -> Result<(), Error> {
        let (mut records, mut new) = (Vec::new(), HashSet::new());
        for letter in letters {
            let name: String = letter.key().iter().map(|byte| format!("{byte:02x}")).collect();
            let name = [name.into_bytes(), self.pipeline.clone().into_bytes()];
            if !self.buried.contains(&name) && !new.contains(&name) {
                records.extend(self.record(&name[0], letter));
                new.insert(name);
            }
        }
        self.journal.append(&records)?;
        self.buried.extend(new);
        Ok(())
    }

    fn record(&self, name: &[u8], letter: &DeadLetter) -> Vec<u8> {
        let DeadLetter { message, document_key, rejection } = letter;
        let sequence = message.origin.sequence.to_string();
        csv::record([
            name,
            self.pipeline.as_bytes(),
            message.origin.stream.as_bytes(),
            sequence.as_bytes(),
            message.subject.as_bytes(),
            rejection.reason.as_str().as_bytes(),
            rejection.detail.as_bytes(),
            document_key.as_deref().unwrap_or_default().as_bytes(),
            &message.headers,
            &message.payload,
        ])
    }
}
