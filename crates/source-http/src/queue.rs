//! Documents that wait for a worker, in one line per client.
//!
//! Clients take turns, so that a single document does not wait behind ten thousand of another
//! client. In a full queue, a client with a shorter line gets room: the newest document of the
//! longest line is given back.

use std::collections::{HashMap, VecDeque};

use l0_http::Client;

use crate::ticket::Posted;

#[derive(Default)]
pub(crate) struct Queue {
    lines: HashMap<Client, VecDeque<Posted>>,
    /// The clients with a line; the first one is next.
    turns: VecDeque<Client>,
    len: usize,
}

impl Queue {
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether a queue of `capacity` has room for one more document of `client`.
    pub fn has_room(&self, client: Client, capacity: usize) -> bool {
        self.len < capacity || self.longest_beside(client).is_some()
    }

    /// Puts a document at the end of its client's line. Returns the document that gave way, if one
    /// did. The caller drops it, which tells its client to send it again.
    ///
    /// # Errors
    /// The document, if there is no room for it.
    pub fn push(&mut self, posted: Posted, capacity: usize) -> Result<Option<Posted>, Posted> {
        let client = posted.client();
        let mut given_back = None;
        if self.len >= capacity {
            let Some(longest) = self.longest_beside(client) else { return Err(posted) };
            // Only a line of two or more gives way, so that its client keeps a line.
            given_back = self.lines.get_mut(&longest).and_then(VecDeque::pop_back);
            self.len -= usize::from(given_back.is_some());
        }
        let line = self.lines.entry(client).or_default();
        if line.is_empty() {
            self.turns.push_back(client);
        }
        line.push_back(posted);
        self.len += 1;
        Ok(given_back)
    }

    /// The oldest document of the client that is next.
    pub fn pop(&mut self) -> Option<Posted> {
        let client = self.turns.pop_front()?;
        let line = self.lines.get_mut(&client)?;
        let posted = line.pop_front()?;
        self.len -= 1;
        match line.is_empty() {
            true => drop(self.lines.remove(&client)),
            false => self.turns.push_back(client),
        }
        Some(posted)
    }

    /// The client with the longest line, if giving one back leaves it at least as long as the line
    /// of `client` becomes.
    fn longest_beside(&self, client: Client) -> Option<Client> {
        let own = self.lines.get(&client).map_or(0, VecDeque::len);
        let (longest, line) = self.lines.iter().max_by_key(|(_, line)| line.len())?;
        (line.len() > own + 1).then_some(*longest)
    }
}
