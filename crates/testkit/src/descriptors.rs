#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Lets this process have as many file descriptors as its hard limit allows.
///
/// # Panics
/// When these are fewer than `needed`.
pub fn require_descriptors(needed: u64) {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let raised = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    raised.expect("up to the hard limit a process may raise its own");
    assert!(
        maximum.is_none_or(|maximum| maximum >= needed),
        "this test needs {needed} file descriptors and may have {maximum:?}: see `ulimit -Hn`"
    );
}
