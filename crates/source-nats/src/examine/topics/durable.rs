//! What is asked of the durable, and of what this user may do with it.

use l0_stage::doctor::Topic;

pub(crate) const DURABLE: Topic = Topic {
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

pub(crate) const PAUSE: Topic = Topic {
    name: "pause",
    asks: "Is the durable paused?",
    wrong: &[(
        "durable `…` is paused until …: `nats consumer resume … …` ends it",
        "resume it, or wait: until then `run` receives nothing",
    )],
};

pub(crate) const POSITION: Topic = Topic {
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

pub(crate) const DRIFT: Topic = Topic {
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

pub(crate) const BACKLOG: Topic = Topic {
    name: "backlog",
    asks: "How many messages wait, and may more be delivered?",
    wrong: &[(
        "max_ack_pending is reached: …",
        "all allowed deliveries wait for an acknowledgement: end the instance that holds them; they are delivered again after its ack_wait (… s)",
    )],
};

pub(crate) const UNSEEN: Topic = Topic {
    name: "unseen",
    asks: "Did messages leave the stream before they were received?",
    wrong: &[(
        "… messages left the stream before they were delivered",
        "they are lost: publish them again, and check the stream's retention and what purges it",
    )],
};

pub(crate) const ACKS: Topic = Topic {
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

pub(crate) const PULLS: Topic = Topic {
    name: "pulls",
    asks: "May this user pull? A test pull is sent that the server cannot read.",
    wrong: &[(
        "cannot receive from stream `…` at …: …",
        "allow this user to publish there; the README of l0-source-nats lists all subjects that it needs",
    )],
};

pub(crate) const ACK_WAIT: Topic = Topic {
    name: "ack wait",
    asks: "Is the ack wait longer than a pause of the machine?",
    wrong: &[(
        "a pause of … s makes the server deliver unsettled messages again",
        "set it to … or more; 30 is the default",
    )],
};

pub(crate) const IN_HAND: Topic = Topic {
    name: "in hand",
    asks: "May a second instance have deliveries beside this one?",
    wrong: &[(
        "one instance may take all … open deliveries: a second one would get nothing",
        "for a second instance set `max_ack_pending` to … or more, and raise the limits of stream, account and server to the same number",
    )],
};

pub(crate) const PERMISSIONS: Topic = Topic {
    name: "permissions",
    asks: "May this user read a message that breaks the client?",
    wrong: &[(
        "cannot read a message of stream `…` at …: …",
        "grant `$JS.API.STREAM.MSG.GET` and `.DELETE` of the stream: without them a message that no client can read is delivered again for ever",
    )],
};
