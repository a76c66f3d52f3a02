use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::watch;

use super::Link;

/// The sender of the bytes that a pump passes on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Client,
    Service,
}

/// Passes bytes one way, as the link says, until one side closes or the link is cut.
pub(super) async fn run(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut link: watch::Receiver<Link>,
    side: Side,
) {
    let mut buffer = vec![0; 16 << 10];
    let mut passed = 0;
    loop {
        let now = *link.borrow_and_update();
        let left = match now {
            Link::Cut => return,
            Link::CutAfter(limit) if side == Side::Service => limit.saturating_sub(passed),
            _ => buffer.len(),
        };
        if left == 0 {
            return;
        }
        let room = left.min(buffer.len());
        let length = tokio::select! {
            biased;
            changed = link.changed() => match changed {
                Ok(()) => { passed = 0; continue }
                Err(_) => return,
            },
            read = from.read(&mut buffer[..room]), if now != Link::BlackHole => match read {
                Ok(0) | Err(_) => return,
                Ok(length) => length,
            },
        };
        if let Link::Delay(pause) = now {
            tokio::time::sleep(pause).await;
        }
        if to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
        passed += length;
    }
}
