//! The thread that reads. It is a separate thread because a read of standard input cannot be
//! cancelled: on a thread of the runtime it would keep the process from ending.

use std::io;
use std::sync::Arc;
use std::thread;

use crate::input::Input;
use crate::lines::{Failure, Line, Lines};
use crate::queue::{Item, Queue};

/// Reads the inputs one after the other. It stops reading while the queue has no room.
pub(crate) fn start(inputs: Vec<Input>, longest: usize, queue: Arc<Queue>) -> io::Result<()> {
    let read = move || {
        let panicked = EndsQueue(Arc::clone(&queue));
        let ended = inputs.iter().try_for_each(|input| read(input, longest, &queue));
        panicked.0.end(ended);
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

fn read(input: &Input, longest: usize, queue: &Queue) -> Result<(), String> {
    let name = &input.name;
    let unreadable = |error: io::Error| format!("cannot read `{name}`: {error}");
    let mut lines = Lines::new(input.open().map_err(unreadable)?, longest);
    while let Some(chunk) = lines.read().map_err(|failure| match failure {
        Failure::Unreadable(error) => unreadable(error),
        Failure::TooLong { line } => {
            format!("line {line} of `{name}` is longer than {longest} bytes")
        }
    })? {
        let item = |line: Line| Item { size: line.size, message: input.message(line), returns: 0 };
        if !queue.push(chunk.lines.into_iter().map(item).collect(), chunk.blank) {
            break;
        }
    }
    Ok(())
}
