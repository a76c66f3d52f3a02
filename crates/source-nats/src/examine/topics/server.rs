//! What is asked of the server and of the account.

use l0_stage::doctor::Topic;

pub(crate) const SERVER: Topic = Topic {
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

pub(crate) const ENCRYPTION: Topic = Topic {
    name: "encryption",
    asks: "Does a password or token cross the network only encrypted?",
    wrong: &[(
        "the password or token crosses the network unencrypted",
        "give nats-server a certificate and write `tls://`, or use an nkey",
    )],
};

pub(crate) const BATCH: Topic = Topic {
    name: "batch",
    asks: "Does a batch hold two of the largest messages that the server takes?",
    wrong: &[(
        "… is less than two of the largest messages the server takes (… bytes each)",
        "set it to … or more",
    )],
};

pub(crate) const JETSTREAM: Topic = Topic {
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

pub(crate) const CLOCK: Topic = Topic {
    name: "clock",
    asks: "Does the server's clock agree with this machine's?",
    wrong: &[(
        "the clock of nats at … is … s … this machine's",
        "synchronise both clocks by NTP: latencies and times of rows are wrong by the difference",
    )],
};
