//! What is asked, what is said when it is wrong, and what helps: each check of this stage gets its
//! name here, and the README its table.

use l0_stage::{Check, Error, Finding, Why};

/// One thing that is looked at.
pub(super) struct Ask {
    name: &'static str,
    #[cfg_attr(not(test), expect(dead_code, reason = "for the table"))]
    what: &'static str,
    /// What is said and what helps; `…` stands for what differs.
    #[cfg_attr(not(test), expect(dead_code, reason = "for the table"))]
    wrong: &'static [(&'static str, &'static str)],
}

impl Ask {
    pub fn fine(&self, seen: impl Into<String>) -> Check {
        Check::fine(self.name, seen)
    }

    pub fn warning(&self, finding: Finding) -> Check {
        Check::warning(self.name, finding)
    }

    pub fn trouble(&self, finding: Finding) -> Check {
        Check::trouble(self.name, finding)
    }

    /// As it should be when nothing was found.
    pub fn warnings(&self, findings: Vec<Finding>, seen: impl FnOnce() -> String) -> Vec<Check> {
        Check::warnings(self.name, findings, seen)
    }

    /// What a failed call says; see [`Check::failed`].
    pub fn failed(
        &self,
        error: &Error,
        place: impl FnOnce(Option<Why>) -> (&'static str, &'static str),
    ) -> Vec<Check> {
        Check::failed(self.name, error, place)
    }
}

/// Makes each of them a constant and lists all.
macro_rules! asks {
    ($($ask:ident: $name:literal, $what:literal { $($words:literal => $cure:literal,)+ })+) => {
        $(pub(super) const $ask: Ask =
            Ask { name: $name, what: $what, wrong: &[$(($words, $cure)),+] };)+

        #[cfg(test)]
        const ALL: &[Ask] = &[$($ask),+];
    };
}

asks! {
    SERVER: "server", "Does nats-server answer, let us in, and is it 2.10 or newer?" {
        "cannot reach nats at …" => "start nats-server, or mend `url`",
        "cannot reach nats at … in time" => "it does not answer: see whether it hangs, or a firewall drops packets",
        "nats at … refused the credentials: …" => "mend the credentials, or let this user in on the server",
        "nats at … asks for credentials, and none are configured: …" => "add `user` and `password`, or the like",
        "cannot read … `…`: …" => "mend the credentials, or let this user in on the server",
        "cannot read tls file `…`: …" => "name the authority of the server's certificate",
        "cannot agree with nats at … on a connection: …" => "write `tls://` for a server with TLS; `tls_ca_file` names its authority",
        "cannot agree with nats at … on a connection: …" => "name the authority of the server's certificate",
        "nats-server at … is …, older than 2.10" => "update nats-server",
    }
    ENCRYPTION: "encryption", "Does a password or token cross the network only encrypted?" {
        "the password or token crosses the network unencrypted" => "give nats-server a certificate and write `tls://`, or use an nkey",
    }
    BATCH: "batch", "Does a batch hold two of the largest messages that the server takes?" {
        "… is less than two of the largest messages the server takes (… bytes each)" => "set it to … or more",
    }
    JETSTREAM: "jetstream", "Is JetStream there for this account, and may this user look at the stream?" {
        "cannot read stream `…` at …: …" => "enable JetStream for this account in the configuration of nats-server, or start it with `--jetstream`",
        "cannot read stream `…` at …: …" => "let this user publish there: the README of l0-source-nats lists all that it needs",
        "cannot read stream `…` at …: …" => "look at the log of nats-server",
    }
    CLOCK: "clock", "Does the server's clock agree with this machine's?" {
        "the clock of nats at … is … s … this machine's" => "set both clocks by NTP: latencies and times of rows are wrong by as much",
    }
    STREAM: "stream", "Is the stream there with all subjects, or could `run` make it?" {
        "stream `…` at … not found" => "make it, or set `manage = true` and `run` does",
        "stream `…` at … not found in the JetStream domain `…` of this server: …" => "`nats stream list --js-domain DOMAIN` shows the streams of a domain",
        "stream `…` not found; …" => "let this user ask for the names of streams",
        "subject `…` is taken by stream `…`, so stream `…` cannot be made" => "write `stream = \"…\"`, or choose another subject",
        "stream `…` at … takes `…`, which does not cover …" => "add the subject to the stream, take one that it has, or name another stream",
    }
    RETENTION: "retention", "Can the stream drop messages that are not processed?" {
        "stream `…` drops its oldest messages beyond …" => "edit the stream: discard `new` refuses a publisher instead",
        "stream `…` drops messages after max_age, …" => "edit the stream: `max_age` 0 keeps unprocessed messages",
        "stream `…` lets publishers set a time to live" => "edit the stream: allow no TTL of messages, or know your publishers",
        "stream `…` drops what is published while it has no consumer" => "keep the durable; a stream with work queue or limits retention needs none",
        "stream `…` deletes a durable that has no pulls for …" => "take `inactive_threshold` out of the consumer limits of the stream",
        "stream `…` is kept in memory, and lost with the server" => "make another stream with file storage: this cannot be edited",
    }
    LIMITS: "limits", "Do stream and account allow as many open deliveries as are configured?" {
        "stream `…` lets a consumer have … deliveries open (consumer limits), not the configured …" => "raise the consumer limits of the stream, or lower `max_ack_pending` to them",
        "the account of stream `…` lets a consumer have … deliveries open, not the configured …" => "raise `max_ack_pending` in the JetStream limits of the account, or lower it here",
    }
    DURABILITY: "durability", "What may the loss of a server, a disk or the power take?" {
        "kept by … of the … servers that the configuration wants" => "`nats stream edit … --replicas …`: `run` never changes a stream",
        "one replica in a cluster: the loss of one server stops it, of its disk loses it" => "`nats stream edit … --replicas 3`: three survive the loss of one server",
        "stream `…` confirms a message before it is written to disk (persist_mode async)" => "make another stream without `persist_mode`: it cannot be edited",
    }
    ROOM: "room", "Is there room for what is published?" {
        "stream `…` is at … (…): nats refuses what is published" => "`nats stream edit …` raises it",
        "the account of stream `…` is at its JetStream … (…): nats refuses what is published" => "raise `…` of the account, or purge a stream of it",
        "… messages, …, of …: publishers are refused when it is full" => "raise `max_bytes` of the stream, or find out why nothing is taken from it",
    }
    DURABLE: "durable", "Is the durable there with all subjects, or could `run` make it?" {
        "durable `…` of stream `…` at … not found" => "make it, or set `manage = true` and `run` does",
        "consumer `…` of stream `…` at … takes subject `…`, and a work queue allows no second one" => "name that consumer in `durable`, delete it, or choose another subject",
        "durable `…` of stream `…` at … takes `…`, which does not cover …" => "name another durable, or delete this one: `run` makes it anew",
        "durable `…` of stream `…` at … pushes its messages, and cannot be pulled from" => "name another durable, or delete this one: `run` makes it anew",
        "durable `…` of stream `…` at … does not ask for explicit acks" => "name another durable, or delete this one: `run` makes it anew",
        "durable `…` of stream `…` at … delivers headers only" => "name another durable, or delete this one and make it anew",
        "durable `…` of stream `…` at … has the priority groups `…`, and this source joins none: name another durable" => "name another durable, or delete this one: `run` makes it anew",
        "durable `…` of stream `…` at … has the priority groups `…`, and this source joins none: name another durable" => "name another durable, or delete this one and make it anew",
        "cannot read the durable of stream `…` at …: …" => "let this user publish there: the README of l0-source-nats lists all that it needs",
        "cannot read the durable of stream `…` at …: …" => "look at the log of nats-server",
    }
    PAUSE: "pause", "Is the durable paused?" {
        "durable `…` is paused until …: `nats consumer resume … …` ends it" => "resume it, or wait: until then `run` receives nothing",
    }
    POSITION: "position", "Has the durable seen more than the stream ever held?" {
        "durable `…` has seen more than stream `…` holds (…): the stream went back" => "`run` makes it anew; nothing is lost",
        "durable `…` has seen more than stream `…` holds (…): the stream went back" => "delete the durable and make it anew",
    }
    DRIFT: "drift", "Is the durable as the configuration says?" {
        "durable `…` has max_ack_pending …, not …" => "`run` raises it, as far as account and server allow; another program or an older configuration set it",
        "durable `…` has max_waiting …, not …" => "stop all instances and delete the durable: `run` makes it anew",
        "durable `…` has deliver policy …, not …" => "stop all instances and delete the durable: `run` makes it anew",
        "durable `…` has …, not …" => "`run` corrects it; another program or an older configuration set it",
        "durable `…` has …, not …" => "edit the durable (`nats consumer edit`), or set `manage = true` and `run` corrects it",
    }
    BACKLOG: "backlog", "What waits, and may more be delivered?" {
        "max_ack_pending is reached: …" => "all deliveries that it allows wait for an acknowledgement: end the instance that holds them; they come again once its ack_wait (… s) is over",
    }
    UNSEEN: "unseen", "Did messages leave the stream before they were received?" {
        "… messages left the stream before they were delivered" => "they are lost here: publish them again; look at the retention, and who purges",
    }
    ACKS: "acks", "Do acknowledgements arrive? One is tried that names no message." {
        "cannot acknowledge messages of stream `…` at …: …" => "let this user publish there: the README of l0-source-nats lists all that it needs",
        "cannot acknowledge messages of stream `…` at …: …" => "look at the log of nats-server",
    }
    PULLS: "pulls", "May this user pull? A pull is tried that the server cannot read." {
        "cannot receive from stream `…` at …: …" => "let this user publish there: the README of l0-source-nats lists all that it needs",
    }
    ACK_WAIT: "ack wait", "Is the ack wait longer than a pause of the machine?" {
        "a pause of … s has messages in hand delivered again" => "set it to … or more; 30 is the default",
    }
    IN_HAND: "in hand", "May a second instance have deliveries beside this one?" {
        "one instance may take all … open deliveries: a second one would get nothing" => "for a second instance set `max_ack_pending` to … or more, and the limits of stream, account and server to as many",
    }
    PERMISSIONS: "permissions", "May this user read a message that breaks the client?" {
        "cannot read a message of stream `…` at …: …" => "grant `$JS.API.STREAM.MSG.GET` and `.DELETE` of the stream: without them a message that no client can read comes back for ever",
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::ALL;

    fn root() -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR"))
    }

    fn table() -> String {
        let mut table =
            String::from("| Check | Asked | Said when it is wrong | Cure |\n|---|---|---|---|\n");
        for ask in ALL {
            let mut lead = format!("`{}` | {}", ask.name, ask.what);
            for (words, cure) in ask.wrong {
                table.push_str(&format!("| {lead} | {words} | {cure} |\n"));
                lead = " | ".to_owned();
            }
        }
        table
    }

    /// `L0_BLESS=1` renews it.
    #[test]
    fn the_readme_has_the_table_of_all_checks() {
        let (begin, end) = ("<!-- checks -->\n", "<!-- end of checks -->");
        let file = root().join("README.md");
        let text = fs::read_to_string(&file).expect("README.md");
        let (before, rest) = text.split_once(begin).expect("its beginning");
        let (kept, after) = rest.split_once(end).expect("its end");
        if std::env::var_os("L0_BLESS").is_some() {
            let renewed = format!("{before}{begin}{}{end}{after}", table());
            fs::write(file, renewed).expect("written");
            return;
        }
        assert_eq!(kept, table(), "the table is another; renew it with L0_BLESS=1");
    }

    #[test]
    fn no_check_is_named_twice_or_anywhere_else() {
        let mut names: Vec<_> = ALL.iter().map(|ask| ask.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
        let mut folders = vec![root().join("src")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("folder") {
                let path = entry.expect("entry").path();
                match path.is_dir() {
                    true => folders.push(path),
                    false => assert!(!makes_checks(&path), "{} makes a check", path.display()),
                }
            }
        }
    }

    fn makes_checks(file: &Path) -> bool {
        let text = fs::read_to_string(file).expect("source").replace("-> Check {", "");
        let is_here = file.ends_with("examine/asks.rs");
        !is_here && ["Check::", "Check {"].iter().any(|making| text.contains(making))
    }
}
