/// How far an input that ends has been worked through, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// What needs no more work: its messages are settled.
    pub done: u64,
    /// The whole input; `None` while nobody can know, as with a pipe.
    pub total: Option<u64>,
}
