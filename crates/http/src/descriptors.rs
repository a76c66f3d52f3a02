//! How many of the process's open files a listener may use.

use rustix::process::{Resource, getrlimit};
use tracing::warn;

use crate::admission::BEYOND;

/// As many of `connections` as the process can afford. Including those for probes, it is a quarter
/// of the process's descriptors. So three listeners leave a quarter for databases, brokers and
/// files. If a quarter is very small, it is an eighth.
pub(crate) fn affordable(connections: usize) -> usize {
    let limit = getrlimit(Resource::Nofile).current;
    let most = most(limit);
    if connections > most {
        warn!(
            max_connections = connections,
            limit,
            most,
            "fewer connections are accepted than configured: raise the limit of open files (`ulimit -n`)"
        );
    }
    connections.min(most)
}

fn most(limit: Option<u64>) -> usize {
    let Some(limit) = limit.and_then(|limit| usize::try_from(limit).ok()) else {
        return usize::MAX;
    };
    (limit / 4).saturating_sub(BEYOND).max(limit / 8).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_takes_a_quarter_of_the_descriptors_and_one_at_least() {
        let limits = [(Some(1024), 191), (Some(256), 32), (Some(0), 1), (None, usize::MAX)];
        for (limit, connections) in limits {
            assert_eq!(most(limit), connections, "{limit:?}");
        }
    }
}
