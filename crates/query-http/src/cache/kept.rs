use lru::LruCache;

use crate::content::Content;

/// The documents in memory. The one unused the longest leaves first; reading is using.
#[derive(Debug)]
pub(super) struct Kept {
    /// Unbounded, because `lru` counts entries alone, and reserves room for all of them at once.
    documents: LruCache<i64, Content>,
    bytes: usize,
    max_entries: usize,
    max_bytes: usize,
}

impl Kept {
    pub fn new(max_entries: usize, max_bytes: usize) -> Self {
        Self { documents: LruCache::unbounded(), bytes: 0, max_entries, max_bytes }
    }

    pub fn get(&mut self, id: i64) -> Option<Content> {
        self.documents.get(&id).cloned()
    }

    /// Keeps a document, at the cost of others. One larger than the whole cache is not kept.
    pub fn put(&mut self, id: i64, content: Content) {
        let size = content.bytes.len();
        if self.max_entries == 0 || size > self.max_bytes {
            return;
        }
        self.bytes += size;
        if let Some((_, replaced)) = self.documents.push(id, content) {
            self.bytes -= replaced.bytes.len();
        }
        while self.documents.len() > self.max_entries || self.bytes > self.max_bytes {
            let Some((_, evicted)) = self.documents.pop_lru() else { return };
            self.bytes -= evicted.bytes.len();
        }
    }
}
