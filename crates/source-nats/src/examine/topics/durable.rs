//! What is asked of the durable, and of what this user may do with it.

use l0_stage::doctor::Topic;

pub(crate) const DURABLE: Topic = Topic {
    name: "durable",
    asks: "Is the durable there with all subjects, or could `run` make it?",
    wrong: &[
        (
            "durable `…` of stream `…` at … not found",
            "make it, or set `manage = true` and `run` does",
        ),
        (
            "consumer `…` of stream `…` at … takes subject `…`, and a work queue allows no second one",
            "name that consumer in `durable`, delete it, or choose another subject",
        ),
        (
            "durable `…` of stream `…` at … takes `…`, which does not cover …",
            "name another durable, or delete this one: `run` makes it anew",
        ),
        (
            "durable `…` of stream `…` at … pushes its messages, and cannot be pulled from",
            "name another durable, or delete this one: `run` makes it anew",
        ),
        (
            "durable `…` of stream `…` at … does not ask for explicit acks",
            "name another durable, or delete this one: `run` makes it anew",
        ),
        (
            "durable `…` of stream `…` at … delivers headers only",
            "name another durable, or delete this one and make it anew",
        ),
        (
            "durable `…` of stream `…` at … has the priority groups `…`, and this source joins none: name another durable",
            "name another durable, or delete this one: `run` makes it anew",
        ),
        (
            "durable `…` of stream `…` at … has the priority groups `…`, and this source joins none: name another durable",
            "name another durable, or delete this one and make it anew",
        ),
        (
            "cannot read the durable of stream `…` at …: …",
            "let this user publish there: the README of l0-source-nats lists all that it needs",
        ),
        ("cannot read the durable of stream `…` at …: …", "look at the log of nats-server"),
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
    asks: "Has the durable seen more than the stream ever held?",
    wrong: &[
        (
            "durable `…` has seen more than stream `…` holds (…): the stream went back",
            "`run` makes it anew; nothing is lost",
        ),
        (
            "durable `…` has seen more than stream `…` holds (…): the stream went back",
            "delete the durable and make it anew",
        ),
    ],
};

pub(crate) const DRIFT: Topic = Topic {
    name: "drift",
    asks: "Is the durable as the configuration says?",
    wrong: &[
        (
            "durable `…` has max_ack_pending …, not …",
            "`run` raises it, as far as account and server allow; another program or an older configuration set it",
        ),
        (
            "durable `…` has max_waiting …, not …",
            "stop all instances and delete the durable: `run` makes it anew",
        ),
        (
            "durable `…` has deliver policy …, not …",
            "stop all instances and delete the durable: `run` makes it anew",
        ),
        (
            "durable `…` has …, not …",
            "`run` corrects it; another program or an older configuration set it",
        ),
        (
            "durable `…` has …, not …",
            "edit the durable (`nats consumer edit`), or set `manage = true` and `run` corrects it",
        ),
    ],
};

pub(crate) const BACKLOG: Topic = Topic {
    name: "backlog",
    asks: "What waits, and may more be delivered?",
    wrong: &[(
        "max_ack_pending is reached: …",
        "all deliveries that it allows wait for an acknowledgement: end the instance that holds them; they come again once its ack_wait (… s) is over",
    )],
};

pub(crate) const UNSEEN: Topic = Topic {
    name: "unseen",
    asks: "Did messages leave the stream before they were received?",
    wrong: &[(
        "… messages left the stream before they were delivered",
        "they are lost here: publish them again; look at the retention, and who purges",
    )],
};

pub(crate) const ACKS: Topic = Topic {
    name: "acks",
    asks: "Do acknowledgements arrive? One is tried that names no message.",
    wrong: &[
        (
            "cannot acknowledge messages of stream `…` at …: …",
            "let this user publish there: the README of l0-source-nats lists all that it needs",
        ),
        ("cannot acknowledge messages of stream `…` at …: …", "look at the log of nats-server"),
    ],
};

pub(crate) const PULLS: Topic = Topic {
    name: "pulls",
    asks: "May this user pull? A pull is tried that the server cannot read.",
    wrong: &[(
        "cannot receive from stream `…` at …: …",
        "let this user publish there: the README of l0-source-nats lists all that it needs",
    )],
};

pub(crate) const ACK_WAIT: Topic = Topic {
    name: "ack wait",
    asks: "Is the ack wait longer than a pause of the machine?",
    wrong: &[(
        "a pause of … s has messages in hand delivered again",
        "set it to … or more; 30 is the default",
    )],
};

pub(crate) const IN_HAND: Topic = Topic {
    name: "in hand",
    asks: "May a second instance have deliveries beside this one?",
    wrong: &[(
        "one instance may take all … open deliveries: a second one would get nothing",
        "for a second instance set `max_ack_pending` to … or more, and the limits of stream, account and server to as many",
    )],
};

pub(crate) const PERMISSIONS: Topic = Topic {
    name: "permissions",
    asks: "May this user read a message that breaks the client?",
    wrong: &[(
        "cannot read a message of stream `…` at …: …",
        "grant `$JS.API.STREAM.MSG.GET` and `.DELETE` of the stream: without them a message that no client can read comes back for ever",
    )],
};
