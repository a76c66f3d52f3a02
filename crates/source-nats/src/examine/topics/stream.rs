//! What is asked of the stream.

use l0_stage::doctor::Topic;

pub(crate) const STREAM: Topic = Topic {
    name: "stream",
    asks: "Does the stream exist with all subjects, or can `run` create it?",
    wrong: &[
        (
            "stream `…` at … not found",
            "create it, or set `manage = true`, so that `run` creates it",
        ),
        (
            "stream `…` at … not found: there is no bucket `…`",
            "`nats … add …` makes it; `run` does not",
        ),
        ("stream `…` at … not found: bucket `…` is in stream `…`", "write `stream = \"…\"`"),
        (
            "stream `…` at … does not keep what was received, so bucket `…` would lose its values",
            "name the stream that the bucket itself made: it has limits retention",
        ),
        (
            "stream `…` at … not found in the JetStream domain `…` of this server: …",
            "`nats stream list --js-domain DOMAIN` shows the streams of a domain",
        ),
        ("stream `…` not found; …", "allow this user to list the names of streams"),
        (
            "subject `…` is taken by stream `…`, so stream `…` cannot be created",
            "write `stream = \"…\"`, or choose another subject",
        ),
        (
            "stream `…` at … takes `…`, which does not cover …",
            "add the subject to the stream, take one that it has, or name another stream",
        ),
    ],
};

pub(crate) const RETENTION: Topic = Topic {
    name: "retention",
    asks: "Can the stream drop messages that are not processed?",
    wrong: &[
        (
            "stream `…` drops its oldest messages beyond …",
            "edit the stream: discard `new` refuses a publisher instead",
        ),
        (
            "stream `…` drops the oldest values of its bucket beyond …",
            "values that are written before the earlier ones are received replace them: a longer \
             history of the bucket keeps more of them",
        ),
        (
            "stream `…` drops messages after max_age, …",
            "edit the stream: `max_age` 0 keeps unprocessed messages",
        ),
        (
            "stream `…` lets publishers set a time to live",
            "edit the stream to forbid TTLs of messages, or make sure that publishers set none",
        ),
        (
            "stream `…` drops what is published while it has no consumer",
            "keep the durable; a stream with work queue or limits retention needs none",
        ),
        (
            "stream `…` deletes a durable that has no pulls for …",
            "remove `inactive_threshold` from the consumer limits of the stream",
        ),
        (
            "stream `…` is kept in memory, and lost with the server",
            "create another stream with file storage: the storage cannot be edited",
        ),
    ],
};

pub(crate) const LIMITS: Topic = Topic {
    name: "limits",
    asks: "Do stream and account allow as many open deliveries as are configured?",
    wrong: &[
        (
            "stream `…` lets a consumer have … deliveries open (consumer limits), not the configured …",
            "raise the consumer limits of the stream, or lower `max_ack_pending` to them",
        ),
        (
            "the account of stream `…` lets a consumer have … deliveries open, not the configured …",
            "raise `max_ack_pending` in the JetStream limits of the account, or lower it here",
        ),
    ],
};

pub(crate) const DURABILITY: Topic = Topic {
    name: "durability",
    asks: "What may be lost with a server, a disk or the power?",
    wrong: &[
        (
            "kept by … of the … servers that the configuration wants",
            "`nats stream edit … --replicas …`: `run` never changes a stream",
        ),
        (
            "one replica in a cluster: the loss of its server stops the stream, the loss of its disk loses it",
            "`nats stream edit … --replicas 3`: three survive the loss of one server",
        ),
        (
            "stream `…` confirms a message before it is written to disk (persist_mode async)",
            "create another stream without `persist_mode`, which cannot be edited",
        ),
    ],
};

pub(crate) const ROOM: Topic = Topic {
    name: "room",
    asks: "Is there room for what is published?",
    wrong: &[
        (
            "stream `…` is at … (…): nats refuses what is published",
            "`nats stream edit …` raises it",
        ),
        (
            "the account of stream `…` is at its JetStream … (…): nats refuses what is published",
            "raise `…` of the account, or purge a stream of it",
        ),
        (
            "… messages, …, of …: publishers are refused when it is full",
            "raise `max_bytes` of the stream, or find out why nothing is taken from it",
        ),
    ],
};
