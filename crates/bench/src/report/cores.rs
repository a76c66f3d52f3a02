use std::thread;

/// The cores that all processes share.
pub fn cores() -> usize {
    thread::available_parallelism().map_or(0, usize::from)
}
