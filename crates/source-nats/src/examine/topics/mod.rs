//! Everything that `doctor` asks about NATS. Each check is made from one of these topics, and the
//! README shows them. `…` stands for the parts that differ.

mod durable;
mod server;
mod stream;

pub(super) use durable::{
    ACK_WAIT, ACKS, BACKLOG, DRIFT, DURABLE, IN_HAND, PAUSE, PERMISSIONS, POSITION, PULLS, UNSEEN,
};
pub(super) use server::{BATCH, CLOCK, ENCRYPTION, JETSTREAM, SERVER};
pub(super) use stream::{DURABILITY, LIMITS, RETENTION, ROOM, STREAM};

#[cfg(test)]
mod tests {
    use l0_stage::doctor::Topic;

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
