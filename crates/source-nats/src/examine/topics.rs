//! Everything that `doctor` asks about NATS. Each check is made from one of these topics, and
//! the README shows them. `…` stands for the parts that differ.

use l0_stage::doctor::Topic;

pub(super) const SERVER: Topic = Topic {
    name: "server",
    asks: "Does nats-server answer, let us in, and is it 2.10 or newer?",
    wrong: &[
        ("cannot reach nats at …", "start nats-server, or correct `url`"),
        (
            "cannot reach nats at … in time",
            "check whether the server hangs, or a firewall drops packets",
        ),
        (
            "nats at … refused the credentials: …",
            "correct the credentials, or add this user on the server",
        ),
        (
            "nats at … asks for credentials, and none are configured: …",
            "add `user` and `password`, or other credentials",
        ),
        ("cannot read … `…`: …", "correct the credentials, or add this user on the server"),
        ("cannot read tls file `…`: …", "name the authority of the server's certificate"),
        (
            "cannot agree with nats at … on a connection: …",
            "write `tls://` for a server with TLS; `tls_ca_file` names its authority",
        ),
        (
            "cannot agree with nats at … on a connection: …",
            "name the authority of the server's certificate",
        ),
        ("nats-server at … is …, older than 2.10", "update nats-server"),
    ],
};

pub(super) const ENCRYPTION: Topic = Topic {
    name: "encryption",
    asks: "Does a password or token cross the network only encrypted?",
    wrong: &[(
        "the password or token crosses the network unencrypted",
        "give nats-server a certificate and write `tls://`, or use an nkey",
    )],
};

pub(super) const BATCH: Topic = Topic {
    name: "batch",
    asks: "Does a batch hold two of the largest messages that the server takes?",
    wrong: &[(
        "… is less than two of the largest messages the server takes (… bytes each)",
        "set it to … or more",
    )],
};

pub(super) const JETSTREAM: Topic = Topic {
    name: "jetstream",
    asks: "Is JetStream enabled for this account, and may this user look at the stream?",
    wrong: &[
        (
            "cannot read stream `…` at …: …",
            "enable JetStream for this account in the configuration of nats-server, or start it with `--jetstream`",
        ),
        (
            "cannot read stream `…` at …: …",
            "allow this user to publish there; the README of l0-source-nats lists all subjects that it needs",
        ),
        ("cannot read stream `…` at …: …", "read the log of nats-server"),
    ],
};

pub(super) const CLOCK: Topic = Topic {
    name: "clock",
    asks: "Does the server's clock agree with this machine's?",
    wrong: &[(
        "the clock of nats at … is … s … this machine's",
        "synchronise both clocks by NTP: latencies and times of rows are wrong by the difference",
    )],
};

pub(super) const STREAM: Topic = Topic {
    name: "stream",
    asks: "Does the stream exist with all subjects, or can `run` create it?",
    wrong: &[
        (
            "stream `…` at … not found",
            "create it, or set `manage = true`, so that `run` creates it",
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

pub(super) const RETENTION: Topic = Topic {
    name: "retention",
    asks: "Can the stream drop messages that are not processed?",
    wrong: &[
        (
            "stream `…` drops its oldest messages beyond …",
            "edit the stream: discard `new` refuses a publisher instead",
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

pub(super) const LIMITS: Topic = Topic {
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

pub(super) const DURABILITY: Topic = Topic {
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

pub(super) const ROOM: Topic = Topic {
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

pub(super) const DURABLE: Topic = Topic {
    name: "durable",
    asks: "Does the durable exist with all subjects, or can `run` create it?",
    wrong: &[
        (
            "durable `…` of stream `…` at … not found",
            "create it, or set `manage = true`, so that `run` creates it",
        ),
        (
            "consumer `…` of stream `…` at … takes subject `…`, and a work queue allows only one consumer per subject",
            "name that consumer in `durable`, delete it, or choose another subject",
        ),
        (
            "durable `…` of stream `…` at … takes `…`, which does not cover …",
            "name another durable, or delete this one: `run` creates it again",
        ),
        (
            "durable `…` of stream `…` at … pushes its messages, and cannot be pulled from",
            "name another durable, or delete this one: `run` creates it again",
        ),
        (
            "durable `…` of stream `…` at … does not ask for explicit acks",
            "name another durable, or delete this one: `run` creates it again",
        ),
        (
            "durable `…` of stream `…` at … delivers headers only",
            "name another durable, or delete this one and create it again",
        ),
        (
            "durable `…` of stream `…` at … has the priority groups `…`, and this source joins none: name another durable",
            "name another durable, or delete this one: `run` creates it again",
        ),
        (
            "durable `…` of stream `…` at … has the priority groups `…`, and this source joins none: name another durable",
            "name another durable, or delete this one and create it again",
        ),
        (
            "cannot read the durable of stream `…` at …: …",
            "allow this user to publish there; the README of l0-source-nats lists all subjects that it needs",
        ),
        ("cannot read the durable of stream `…` at …: …", "read the log of nats-server"),
    ],
};

pub(super) const PAUSE: Topic = Topic {
    name: "pause",
    asks: "Is the durable paused?",
    wrong: &[(
        "durable `…` is paused until …: `nats consumer resume … …` ends it",
        "resume it, or wait: until then `run` receives nothing",
    )],
};

pub(super) const POSITION: Topic = Topic {
    name: "position",
    asks: "Was the durable delivered more than the stream ever held?",
    wrong: &[
        (
            "durable `…` has seen more than stream `…` holds (…): the stream went back",
            "`run` creates it again; nothing is lost",
        ),
        (
            "durable `…` has seen more than stream `…` holds (…): the stream went back",
            "delete the durable and create it again",
        ),
    ],
};

pub(super) const DRIFT: Topic = Topic {
    name: "drift",
    asks: "Is the durable as the configuration says?",
    wrong: &[
        (
            "durable `…` has max_ack_pending …, not …",
            "`run` raises it as far as account and server allow; another program or an older configuration set it",
        ),
        (
            "durable `…` has max_waiting …, not …",
            "stop all instances and delete the durable: `run` creates it again",
        ),
        (
            "durable `…` has deliver policy …, not …",
            "stop all instances and delete the durable: `run` creates it again",
        ),
        (
            "durable `…` has …, not …",
            "`run` corrects it; another program or an older configuration set it",
        ),
        (
            "durable `…` has …, not …",
            "edit the durable (`nats consumer edit`), or set `manage = true`, so that `run` corrects it",
        ),
    ],
};

pub(super) const BACKLOG: Topic = Topic {
    name: "backlog",
    asks: "How many messages wait, and may more be delivered?",
    wrong: &[(
        "max_ack_pending is reached: …",
        "all allowed deliveries wait for an acknowledgement: end the instance that holds them; they are delivered again after its ack_wait (… s)",
    )],
};

pub(super) const UNSEEN: Topic = Topic {
    name: "unseen",
    asks: "Did messages leave the stream before they were received?",
    wrong: &[(
        "… messages left the stream before they were delivered",
        "they are lost: publish them again, and check the stream's retention and what purges it",
    )],
};

pub(super) const ACKS: Topic = Topic {
    name: "acks",
    asks: "Do acknowledgements arrive? A test is sent that names no message.",
    wrong: &[
        (
            "cannot acknowledge messages of stream `…` at …: …",
            "allow this user to publish there; the README of l0-source-nats lists all subjects that it needs",
        ),
        ("cannot acknowledge messages of stream `…` at …: …", "read the log of nats-server"),
    ],
};

pub(super) const PULLS: Topic = Topic {
    name: "pulls",
    asks: "May this user pull? A test pull is sent that the server cannot read.",
    wrong: &[(
        "cannot receive from stream `…` at …: …",
        "allow this user to publish there; the README of l0-source-nats lists all subjects that it needs",
    )],
};

pub(super) const ACK_WAIT: Topic = Topic {
    name: "ack wait",
    asks: "Is the ack wait longer than a pause of the machine?",
    wrong: &[(
        "a pause of … s lets messages in hand be delivered again",
        "set it to … or more; 30 is the default",
    )],
};

pub(super) const IN_HAND: Topic = Topic {
    name: "in hand",
    asks: "May a second instance have deliveries beside this one?",
    wrong: &[(
        "one instance may take all … open deliveries: a second one would get nothing",
        "for a second instance set `max_ack_pending` to … or more, and raise the limits of stream, account and server to the same number",
    )],
};

pub(super) const PERMISSIONS: Topic = Topic {
    name: "permissions",
    asks: "May this user read a message that breaks the client?",
    wrong: &[(
        "cannot read a message of stream `…` at …: …",
        "grant `$JS.API.STREAM.MSG.GET` and `.DELETE` of the stream: without them a message that no client can read is delivered again for ever",
    )],
};

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &[Topic] = &[
        SERVER,
        ENCRYPTION,
        BATCH,
        JETSTREAM,
        CLOCK,
        STREAM,
        RETENTION,
        LIMITS,
        DURABILITY,
        ROOM,
        DURABLE,
        PAUSE,
        POSITION,
        DRIFT,
        BACKLOG,
        UNSEEN,
        ACKS,
        PULLS,
        ACK_WAIT,
        IN_HAND,
        PERMISSIONS,
    ];

    #[test]
    fn all_that_is_asked_is_in_the_list_and_the_readme() {
        l0_testkit::assert_topics(env!("CARGO_MANIFEST_DIR"), ALL);
    }
}
