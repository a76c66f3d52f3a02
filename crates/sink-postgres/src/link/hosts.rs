//! The servers that the section names, and where each of them listens.

use std::borrow::Cow;
use std::fmt;
use std::net::Ipv6Addr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de};

/// The hosts of a section, in the order in which they are tried: one, or several in a list or
/// between commas. There is at least one host. Each may have its own port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hosts(Vec<String>);

/// Where one server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    /// Host name, address, or the folder of a Unix socket.
    pub host: String,
    pub port: u16,
}

impl Hosts {
    /// The addresses of the hosts. `port` applies to hosts without a port of their own.
    pub(crate) fn addresses(&self, port: u16) -> Vec<Address> {
        self.0.iter().map(|text| Address::of(text, port)).collect()
    }

    /// What is wrong with the first host that cannot be one.
    pub(crate) fn problem(&self) -> Option<String> {
        self.0.iter().find_map(|text| {
            let (host, _) = split(text);
            let is_address = || host.parse::<Ipv6Addr>().is_ok();
            if host.is_empty() {
                Some("a host is empty".to_owned())
            } else if text.contains('@') && !text.starts_with(['/', '@']) {
                // The host is not quoted, because it contains a password.
                Some(
                    "a host must not contain user and password: use the keys `user` and `password`"
                        .to_owned(),
                )
            } else if host.contains(':') && !is_address() {
                Some(format!("`{text}` is not a host with its port"))
            } else {
                None
            }
        })
    }

    fn between_commas(text: &str) -> impl Iterator<Item = String> {
        text.split(',').map(|host| host.trim().to_owned())
    }
}

impl Address {
    fn of(text: &str, port: u16) -> Self {
        let (host, own) = split(text);
        Self { host: host.to_owned(), port: own.unwrap_or(port) }
    }
}

/// Splits a host from its own port. `::1` has no port, `[::1]:5433` has one.
fn split(text: &str) -> (&str, Option<u16>) {
    let parts = text.rsplit_once(':');
    let parts = parts.filter(|(host, _)| !host.contains(':') || host.ends_with(']'));
    let own = parts.and_then(|(host, port)| Some((host, port.parse().ok()?)));
    let (host, port) = own.map_or((text, None), |(host, port)| (host, Some(port)));
    (host.trim_matches(['[', ']']), port)
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        match host.parse::<Ipv6Addr>() {
            Ok(address) => write!(f, "[{address}]:{port}"),
            Err(_) => write!(f, "{host}:{port}"),
        }
    }
}

impl From<&str> for Hosts {
    fn from(text: &str) -> Self {
        Self(Self::between_commas(text).collect())
    }
}

impl<'de> Deserialize<'de> for Hosts {
    /// A list from a variable or `--set` is a text. Only a field that asks for a list gets it as a
    /// list.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(OneOrMore)
    }
}

struct OneOrMore;

impl<'de> de::Visitor<'de> for OneOrMore {
    type Value = Hosts;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a list of texts")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Hosts, E> {
        Ok(text.into())
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Hosts, A::Error> {
        let mut hosts = Vec::new();
        while let Some(text) = list.next_element::<String>()? {
            hosts.extend(Hosts::between_commas(&text));
        }
        // An empty list is treated as a list with one empty host, which [`Hosts::problem`] reports.
        if hosts.is_empty() {
            hosts.push(String::new());
        }
        Ok(Hosts(hosts))
    }
}

impl JsonSchema for Hosts {
    fn schema_name() -> Cow<'static, str> {
        "Hosts".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": ["string", "array"], "items": {"type": "string"}, "minItems": 1})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(hosts: &Hosts) -> Vec<String> {
        hosts.addresses(5432).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn each_host_has_its_own_port_or_that_of_the_section() {
        for (text, addresses) in [
            ("db.example", &["db.example:5432"][..]),
            ("a, b:5433,c", &["a:5432", "b:5433", "c:5432"]),
            ("::1", &["[::1]:5432"]),
            ("[::1]:5433,[fe80::1]", &["[::1]:5433", "[fe80::1]:5432"]),
            ("/run/postgresql", &["/run/postgresql:5432"]),
        ] {
            assert_eq!(
                (told(&text.into()), Hosts::from(text).problem()),
                (addresses.iter().map(ToString::to_string).collect(), None)
            );
        }
        let list: Hosts = serde_json::from_str(r#"["a:1", "b,c"]"#).unwrap();
        assert_eq!(told(&list), ["a:1", "b:5432", "c:5432"]);
    }

    #[test]
    fn what_cannot_be_a_host_is_named() {
        for (text, problem) in [
            ("", "a host is empty"),
            ("a,,b", "a host is empty"),
            ("a,b:port", "`b:port` is not a host with its port"),
            ("a:70000", "`a:70000` is not a host with its port"),
            ("a:1:2", "`a:1:2` is not a host with its port"),
        ] {
            assert_eq!(Hosts::from(text).problem().as_deref(), Some(problem));
        }
        let empty: Hosts = serde_json::from_str("[]").unwrap();
        assert_eq!(empty.problem().as_deref(), Some("a host is empty"));
    }
}
