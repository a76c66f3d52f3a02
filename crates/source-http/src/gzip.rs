//! Unpacks the body of a request.

use std::io::{self, Read};

use l0_http::Client;
use l0_intake::unpacker;
use tokio::task::yield_now;

use crate::problem::Problem;
use crate::room::{Memory, Room};

/// The most bytes that are unpacked before other requests have their turn.
const STEP: usize = 16 * 1024;

/// What unpacking takes beside both bodies.
const WORK: usize = 64 * 1024;

/// Unpacks a body in its own room. It stops at `most` bytes, and where there is no room for more, so
/// a small body that unpacks to a huge one takes no memory.
pub(crate) async fn unpack(
    packed: &[u8],
    memory: &Memory,
    client: Client,
    most: usize,
) -> Result<(Vec<u8>, Room), Problem> {
    let mut reader = unpacker(packed);
    let _work = memory.reserve(client, WORK.min(most))?;
    let (mut bytes, mut room) = (Vec::new(), memory.reserve(client, 0)?);
    let mut piece = vec![0; STEP];
    loop {
        let read = read(&mut reader, &mut piece).map_err(|_| Problem::invalid_gzip())?;
        if read == 0 {
            return Ok((bytes, room));
        }
        let needed = bytes.len() + read;
        if needed > most {
            return Err(Problem::too_large(most));
        }
        if needed > bytes.capacity() {
            let capacity = needed.max(2 * bytes.capacity()).min(most);
            memory.extend(&mut room, capacity - bytes.capacity())?;
            bytes.reserve_exact(capacity - bytes.len());
        }
        bytes.extend_from_slice(&piece[..read]);
        yield_now().await;
    }
}

fn read(reader: &mut impl Read, piece: &mut [u8]) -> io::Result<usize> {
    loop {
        match reader.read(piece) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}
