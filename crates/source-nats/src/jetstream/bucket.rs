//! Buckets: key-value and object stores, each a stream of its own. The stream belongs to its bucket.
//! This source only reads it.

/// The bucket that a subject belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bucket<'a> {
    store: Store,
    pub name: &'a str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Store {
    KeyValue,
    Object,
}

impl<'a> Bucket<'a> {
    /// The bucket of a subject such as `$KV.trips.>` or `$O.files.M.>`. `None` if the subject does
    /// not name a bucket without a wildcard.
    pub fn of(subject: &'a str) -> Option<Self> {
        let (store, rest) = match subject.strip_prefix("$KV.") {
            Some(rest) => (Store::KeyValue, rest),
            None => (Store::Object, subject.strip_prefix("$O.")?),
        };
        let (name, _) = rest.split_once('.')?;
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        (!name.is_empty() && name.chars().all(is_name)).then_some(Self { store, name })
    }

    /// The name of the bucket's stream.
    pub fn stream(self) -> String {
        let Self { store, name } = self;
        match store {
            Store::KeyValue => format!("KV_{name}"),
            Store::Object => format!("OBJ_{name}"),
        }
    }

    /// The command of the `nats` tool that creates the bucket.
    pub fn command(self) -> String {
        let Self { store, name } = self;
        match store {
            Store::KeyValue => format!("nats kv add {name}"),
            Store::Object => format!("nats object add {name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_of_a_bucket_names_its_stream() {
        for (subject, stream, command) in [
            ("$KV.trips.>", "KV_trips", "nats kv add trips"),
            ("$KV.my-trips.eu.*", "KV_my-trips", "nats kv add my-trips"),
            ("$O.files.M.>", "OBJ_files", "nats object add files"),
        ] {
            let bucket = Bucket::of(subject).expect(subject);
            assert_eq!((bucket.stream().as_str(), bucket.command().as_str()), (stream, command));
        }
        for other in ["$KV.>", "$KV.*.a", "$KV.trips", "$KV", "$O..a", "$JS.API.>", "KV.trips.>"] {
            assert_eq!(Bucket::of(other), None, "{other}");
        }
    }
}
