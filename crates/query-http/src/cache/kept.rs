use lru::LruCache;

use crate::content::Content;

/// The documents in memory. The least recently read one is dropped first.
#[derive(Debug)]
pub(super) struct Kept {
    /// Unbounded, because `lru` would count only entries, and reserve room for all of them at once.
    documents: LruCache<i64, Held>,
    bytes: usize,
    max_entries: usize,
    max_bytes: usize,
}

#[derive(Debug)]
struct Held {
    content: Content,
    /// How often it was requested, including those who waited for the read.
    reads: u64,
}

impl Kept {
    pub fn new(max_entries: usize, max_bytes: usize) -> Self {
        Self { documents: LruCache::unbounded(), bytes: 0, max_entries, max_bytes }
    }

    pub fn get(&mut self, id: i64) -> Option<Content> {
        let held = self.documents.get_mut(&id)?;
        held.reads += 1;
        Some(held.content.clone())
    }

    /// How often a kept document was requested. This does not count as a use.
    pub fn reads(&self, id: i64) -> Option<u64> {
        self.documents.peek(&id).map(|held| held.reads)
    }

    /// The number of kept documents, and their bytes.
    pub fn size(&self) -> (usize, usize) {
        (self.documents.len(), self.bytes)
    }

    pub fn clear(&mut self) {
        self.documents.clear();
        self.bytes = 0;
    }

    /// Keeps a document, and drops others if necessary. One that is larger than the whole cache is
    /// not kept.
    pub fn put(&mut self, id: i64, content: Content, reads: u64) {
        let size = content.bytes.len();
        if self.max_entries == 0 || size > self.max_bytes {
            return;
        }
        self.bytes += size;
        if let Some((_, replaced)) = self.documents.push(id, Held { content, reads }) {
            self.bytes -= replaced.content.bytes.len();
        }
        while self.documents.len() > self.max_entries || self.bytes > self.max_bytes {
            let Some((_, evicted)) = self.documents.pop_lru() else { return };
            self.bytes -= evicted.content.bytes.len();
        }
    }
}
