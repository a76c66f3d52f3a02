//! The thread that reads. It is a separate thread because a read of standard input cannot be
//! cancelled: on a thread of the runtime it would keep the process from ending.

use std::io;
use std::sync::Arc;
use std::thread;

use l0_intake::{Documents, Failure, Piece};

use crate::input::Input;
use crate::queue::{Item, Queue};

/// The most inputs that are named if they cannot be read.
const NAMED: usize = 10;

/// Reads the inputs one after the other. It stops reading while the queue has no room.
pub(crate) fn start(inputs: Vec<Input>, longest: usize, queue: Arc<Queue>) -> io::Result<()> {
    let read = move || {
        let panicked = EndsQueue(Arc::clone(&queue));
        panicked.0.end(read_all(&inputs, longest, &queue));
    };
    thread::Builder::new().name("source-file".to_owned()).spawn(read).map(drop)
}

/// Ends the queue if the reader panics, so that the workers do not wait for it.
struct EndsQueue(Arc<Queue>);

impl Drop for EndsQueue {
    fn drop(&mut self) {
        self.0.end(Err("the thread that reads the input panicked".to_owned()));
    }
}

/// An input that cannot be read stops no other. What was wrong with each is told at the end.
fn read_all(inputs: &[Input], longest: usize, queue: &Queue) -> Result<(), String> {
    let mut failures = Vec::new();
    for input in inputs {
        match read(input, longest, queue) {
            Ok(Goes::On) => {}
            Ok(Goes::NoFurther) => break,
            Err(failure) => failures.push(failure),
        }
    }
    match failures.len() {
        0 => Ok(()),
        all if all > NAMED => {
            failures.truncate(NAMED);
            Err(format!("{}; and {} more files", failures.join("; "), all - NAMED))
        }
        _ => Err(failures.join("; ")),
    }
}

enum Goes {
    On,
    /// The source was dropped.
    NoFurther,
}

fn read(input: &Input, longest: usize, queue: &Queue) -> Result<Goes, String> {
    let name = &input.name;
    let told = |failure| match failure {
        Failure::Unreadable(error) => format!("cannot read `{name}`: {error}"),
        other => format!("`{name}`: {other}"),
    };
    let opened = input.open().map_err(Failure::Unreadable).map_err(told)?;
    let mut documents = Documents::open(opened, longest).map_err(told)?;
    while let Some(chunk) = documents.read().map_err(told)? {
        let item = |piece: Piece| {
            let size = piece.size;
            Item { size, message: input.message(piece), returns: 0 }
        };
        if !queue.push(chunk.pieces.into_iter().map(item).collect(), chunk.blank) {
            return Ok(Goes::NoFurther);
        }
    }
    Ok(Goes::On)
}
