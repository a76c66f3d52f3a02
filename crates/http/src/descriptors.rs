//! What a listener may take of the files that the process may have open.

use rustix::process::{Resource, getrlimit};
use tracing::warn;

/// As many of `connections` as the process affords: a third of its descriptors, so that two listeners leave a
/// third to databases, brokers and files.
pub(crate) fn affordable(connections: usize) -> usize {
    let limit = getrlimit(Resource::Nofile).current;
    let most = most(limit);
    if connections > most {
        warn!(
            max_connections = connections,
            limit,
            most,
            "fewer connections are taken than configured: raise the limit of open files (`ulimit -n`)"
        );
    }
    connections.min(most)
}

fn most(limit: Option<u64>) -> usize {
    let third = limit.map(|limit| usize::try_from(limit / 3).unwrap_or(usize::MAX));
    third.unwrap_or(usize::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_takes_a_third_of_the_descriptors_and_one_at_least() {
        for (limit, connections) in [(Some(1024), 341), (Some(0), 1), (None, usize::MAX)] {
            assert_eq!(most(limit), connections, "{limit:?}");
        }
    }
}
