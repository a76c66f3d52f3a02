//! Documents that wait for a worker, a line for each client.
//!
//! Clients take turns, so that one document is not behind ten thousand of another client. A full queue
//! gives the newest document of its longest line back for one of a client whose line is shorter.

use std::collections::{HashMap, VecDeque};

use l0_http::Client;

use crate::ticket::Posted;

#[derive(Default)]
pub(crate) struct Queue {
    lines: HashMap<Client, VecDeque<Posted>>,
    /// The clients that have a line, the one whose turn it is first.
    turns: VecDeque<Client>,
    len: usize,
}

impl Queue {
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether a queue of `capacity` has a place for one more document of `client`.
    pub fn has_room(&self, client: Client, capacity: usize) -> bool {
        self.len < capacity || self.longest_beside(client).is_some()
    }

    /// Puts a document at the end of its client's line. The document that gave way is to be dropped, which
    /// tells its client to send it again.
    ///
    /// # Errors
    /// The document, when there is no room for it.
    pub fn push(&mut self, posted: Posted, capacity: usize) -> Result<Option<Posted>, Posted> {
        let client = posted.client();
        let mut given_back = None;
        if self.len >= capacity {
            let Some(longest) = self.longest_beside(client) else { return Err(posted) };
            // Of two or more: its line stays.
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

    /// The oldest document of the client whose turn it is.
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

    /// The client with the longest line, if that stays as long as the one of `client` with one more.
    fn longest_beside(&self, client: Client) -> Option<Client> {
        let own = self.lines.get(&client).map_or(0, VecDeque::len);
        let (longest, line) = self.lines.iter().max_by_key(|(_, line)| line.len())?;
        (line.len() > own + 1).then_some(*longest)
    }
}
