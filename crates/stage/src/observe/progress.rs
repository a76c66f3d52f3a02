/// How far a finite input has been processed, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes whose messages are settled.
    pub done: u64,
    /// Bytes of the whole input. `None` if its length is not known, as with a pipe.
    pub total: Option<u64>,
}
