//! Decides whether the client library can receive a stored message.

use l0_stage::{Error, Reason, Rejection};

use super::block;
use crate::jetstream::api::Api;
use crate::jetstream::stored::Stored;

impl Stored {
    /// Why no client of the library can ever receive the message; `None` for every good message.
    pub async fn rejection(&self, api: &Api<'_>) -> Result<Option<Rejection>, Error> {
        let problem = match block::problem(&self.subject, &self.headers) {
            Some(problem) => problem,
            None if self.has_mangled_subject(api).await? => "its subject is not utf-8",
            None => return Ok(None),
        };
        Ok(Some(Rejection::new(Reason::InvalidHeaders, problem)))
    }

    /// Whether the subject contains invalid UTF-8. JSON shows each such byte as U+FFFD. Only a
    /// subject that really has this character is found by it.
    async fn has_mangled_subject(&self, api: &Api<'_>) -> Result<bool, Error> {
        if !self.subject.contains(char::REPLACEMENT_CHARACTER) {
            return Ok(false);
        }
        let found = api.message(self.sequence, &self.subject).await?;
        if found.is_some_and(|found| found.sequence == self.sequence) {
            return Ok(false);
        }
        // The message may also have been removed meanwhile.
        Ok(Self::at(api, self.sequence).await?.is_some())
    }
}

#[cfg(test)]
mod tests {
    use l0_stage::Bytes;
    use l0_stage::time::OffsetDateTime;
    use l0_testkit::{NatsServer, require_services};

    use super::*;
    use crate::link::tests::{config, open};

    #[tokio::test]
    async fn a_message_that_was_removed_meanwhile_is_not_taken_for_a_bad_one() {
        require_services!();
        let server = NatsServer::start().await;
        let (link, config) = (open(&server).await, config(&server));
        let api = Api::new(&link, &config);
        crate::jetstream::stream::ensure(&api, &config).await.expect("stream");
        let removed = Stored {
            subject: "order.\u{fffd}".into(),
            sequence: 1,
            published: OffsetDateTime::UNIX_EPOCH,
            headers: Bytes::new(),
            payload: Bytes::new(),
        };
        assert!(removed.rejection(&api).await.expect("looked").is_none());
    }
}
