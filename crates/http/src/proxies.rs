//! Proxies that are trusted to name their client.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use hyper::HeaderMap;
use hyper::header::{FORWARDED, HeaderName};
use l0_stage::Finding;

use crate::network::Network;
use crate::{Client, Peer};

static X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The `trusted_proxies` of a section. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Proxies(Arc<[Network]>);

impl Proxies {
    /// The proxies that are written as an address or a network. [`finding`](Self::finding) reports
    /// the others.
    #[must_use]
    pub fn new(listed: &[String]) -> Self {
        Self(listed.iter().filter_map(|text| Network::parse(text)).collect())
    }

    /// What is wrong with `trusted_proxies` of a section.
    #[must_use]
    pub fn finding(listed: &[String]) -> Option<Finding> {
        let wrong = listed.iter().find(|text| Network::parse(text).is_none())?;
        let message = format!("`{wrong}` is neither an address nor a network");
        let help = "write `127.0.0.1` or `10.0.0.0/8`";
        Some(Finding::new("trusted_proxies", message).help(help))
    }

    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }

    /// The client of a request. It is the connection's own, or the last address that a trusted
    /// proxy names and that is not itself a trusted proxy. If a proxy names none, or none that can
    /// be read, the proxy is the client.
    #[must_use]
    pub fn client(&self, peer: Peer, headers: &HeaderMap) -> Client {
        if !peer.is_proxy {
            return peer.client;
        }
        self.named(headers).map_or(peer.client, Client::of)
    }

    /// The client that the headers name. A proxy sets one of the two headers, and forwards the
    /// other as its client wrote it. So if the two differ, neither is believed.
    fn named(&self, headers: &HeaderMap) -> Option<IpAddr> {
        let named = |header, address: fn(&str) -> Option<IpAddr>| {
            headers.contains_key(header).then(|| self.last(headers, header, address))
        };
        match (named(&X_FORWARDED_FOR, address), named(&FORWARDED, forwarded_for)) {
            (Some(one), Some(other)) => one.filter(|_| one == other),
            (one, other) => one.or(other).flatten(),
        }
    }

    /// The last address of a list that does not belong to a trusted proxy.
    fn last(
        &self,
        headers: &HeaderMap,
        header: &HeaderName,
        parse: fn(&str) -> Option<IpAddr>,
    ) -> Option<IpAddr> {
        let lists = headers.get_all(header).iter().collect::<Vec<_>>();
        for list in lists.into_iter().rev() {
            for element in list.to_str().ok()?.rsplit(',') {
                let address = parse(element.trim())?;
                if !self.contains(address) {
                    return Some(address);
                }
            }
        }
        None
    }
}

/// `192.0.2.1`, `2001:db8::1`, and both with a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse().ok();
    address.or_else(|| text.parse().ok().map(|address: SocketAddr| address.ip()))
}

/// The `for` of one element of `Forwarded` (RFC 7239).
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let mut pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))?;
    address(value.trim().trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;

    const PROXY: [u8; 4] = [10, 0, 0, 1];

    fn client(is_proxy: bool, headers: &[(&'static str, &'static str)]) -> String {
        let proxies = Proxies::new(&["10.0.0.0/8".to_owned(), "::1".to_owned()]);
        let peer = Peer { client: Client::of(PROXY.into()), is_proxy, is_crowded: false };
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        proxies.client(peer, &map).to_string()
    }

    #[test]
    fn a_trusted_proxy_says_who_its_client_is() {
        for (header, value, expected) in [
            ("x-forwarded-for", "192.0.2.7", "192.0.2.7"),
            ("x-forwarded-for", "198.51.100.1, 192.0.2.7", "192.0.2.7"),
            ("x-forwarded-for", "192.0.2.7, 10.3.3.3,10.1.1.1", "192.0.2.7"),
            ("x-forwarded-for", "192.0.2.7:4711", "192.0.2.7"),
            ("x-forwarded-for", "2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
            ("x-forwarded-for", "[2001:db8:1:2:3::4]:4711", "2001:db8:1:2::/64"),
            ("forwarded", "for=192.0.2.7;proto=https;by=10.0.0.1", "192.0.2.7"),
            ("forwarded", "for=1.1.1.1, proto=http; For=\"[2001:db8::1]:80\"", "2001:db8::/64"),
            ("forwarded", "for=192.0.2.7, for=10.0.0.2", "192.0.2.7"),
        ] {
            assert_eq!(client(true, &[(header, value)]), expected, "{header}: {value}");
        }
        let lines = [("x-forwarded-for", "192.0.2.7"), ("x-forwarded-for", "10.0.0.2")];
        assert_eq!(client(true, &lines), "192.0.2.7");
    }

    #[test]
    fn what_cannot_be_read_or_believed_counts_as_the_proxy() {
        for (header, value) in [
            ("x-forwarded-for", ""),
            ("x-forwarded-for", "unknown"),
            ("x-forwarded-for", "192.0.2.7, unknown"),
            ("x-forwarded-for", "192.0.2.7,"),
            ("x-forwarded-for", "10.0.0.3"),
            ("forwarded", "for=_hidden"),
            ("forwarded", "proto=https"),
            ("x-real-ip", "192.0.2.7"),
        ] {
            assert_eq!(client(true, &[(header, value)]), "10.0.0.1", "{header}: {value}");
        }
        let differing = [("x-forwarded-for", "192.0.2.7"), ("forwarded", "for=192.0.2.8")];
        assert_eq!(client(true, &differing), "10.0.0.1");
        let equal = [("x-forwarded-for", "192.0.2.7"), ("forwarded", "for=192.0.2.7")];
        assert_eq!(client(true, &equal), "192.0.2.7");
    }

    #[test]
    fn one_that_is_not_trusted_is_itself_whatever_it_says() {
        assert_eq!(client(false, &[("x-forwarded-for", "192.0.2.7")]), "10.0.0.1");
    }
}
