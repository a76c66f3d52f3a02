use l0_stage::observe::{Degraded, Symptom};
use l0_stage::time::OffsetDateTime;

/// A symptom, from the first look that sees it until the first that does not.
#[derive(Default)]
pub(crate) struct Standing(Option<Degraded>);

impl Standing {
    /// Notes the latest look. If only the cause changes, the symptom keeps its start.
    pub fn note(&mut self, symptom: Symptom, cause: Option<String>) {
        let since = self.0.take().map_or_else(OffsetDateTime::now_utc, |before| before.since);
        self.0 = cause.map(|cause| Degraded { symptom, cause, messages: None, since });
    }

    pub fn degraded(&self) -> Option<Degraded> {
        self.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stands_since_the_first_look_that_saw_it_and_ends_with_the_first_that_does_not() {
        let mut standing = Standing::default();
        standing.note(Symptom::SourceFull, Some("messages".to_owned()));
        let first = standing.degraded().expect("seen");
        standing.note(Symptom::SourceFull, Some("bytes".to_owned()));
        let again = standing.degraded().expect("seen");
        assert_eq!((&*again.cause, again.since), ("bytes", first.since));
        standing.note(Symptom::SourceFull, None);
        assert_eq!(standing.degraded(), None);
    }
}
