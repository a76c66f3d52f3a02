//! The names under which a listener may be asked.

use std::net::IpAddr;

use l0_stage::Finding;

use crate::Listen;

/// What a request's `Host` may be. A web page whose name was made to mean our address (DNS rebinding)
/// asks under its own name.
#[derive(Debug)]
pub struct Hosts {
    listed: Vec<String>,
    is_closed: bool,
}

impl Hosts {
    /// Names of this machine, the one of `listen`, and those of `listed`. An `exposed` listener is
    /// reached under names that it does not know: without a list it takes every one.
    #[must_use]
    pub fn new(listen: &Listen, exposed: bool, listed: &[String]) -> Self {
        let is_closed = !exposed || !listed.is_empty();
        let listed = listed.iter().filter_map(|host| name_of(host)).chain([listen.host()]);
        Self { listed: listed.map(str::to_owned).collect(), is_closed }
    }

    /// What is wrong with a section's `hosts`.
    #[must_use]
    pub fn finding(listed: &[String]) -> Option<Finding> {
        let wrong = listed.iter().find(|host| !is_name(host))?;
        let help = "write the name alone, without scheme, port or path: `orders.example`";
        Some(Finding::new("hosts", format!("`{wrong}` is not a host name")).help(help))
    }

    /// Whether only known names are answered.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// Whether `host` or `host:port` is one of them.
    #[must_use]
    pub fn knows(&self, host: &str) -> bool {
        name_of(host).is_some_and(|name| {
            is_loopback(name) || self.listed.iter().any(|known| known.eq_ignore_ascii_case(name))
        })
    }
}

/// The name of `name` or `name:port`; an IPv6 address without its brackets.
fn name_of(host: &str) -> Option<&str> {
    let (name, port) = match host.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?,
        None => host.split_at(host.find(':').unwrap_or(host.len())),
    };
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    let has_port = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
    (has_port && !name.is_empty()).then_some(name)
}

/// Whether a name can mean nothing but this machine.
fn is_loopback(name: &str) -> bool {
    match name.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_) => name.eq_ignore_ascii_case("localhost"),
    }
}

fn is_name(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    match bare {
        Some(address) => address.parse::<IpAddr>().is_ok_and(|address| address.is_ipv6()),
        None => {
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
            !host.is_empty() && host.chars().all(plain)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(listen: &str, exposed: bool, listed: &[&str]) -> Hosts {
        let listed: Vec<_> = listed.iter().map(|&host| host.to_owned()).collect();
        assert_eq!(Hosts::finding(&listed), None);
        Hosts::new(&Listen::parse(listen).expect(listen), exposed, &listed)
    }

    #[test]
    fn names_of_this_machine_are_few() {
        let hosts = hosts("127.0.0.1:0", false, &[]);
        for host in ["localhost", "LocalHost:80", "127.0.0.1:8080", "127.9.8.7", "[::1]:8080"] {
            assert!(hosts.knows(host), "{host}");
        }
        let others = ["", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example"];
        let tricks = ["localhost@evil.example", "localhost:80@evil", "0.0.0.0", "10.0.0.1", "[::]"];
        for host in others.into_iter().chain(tricks).chain([":80", "127.1", "localhost.", "[::1"]) {
            assert!(!hosts.knows(host), "{host}");
        }
    }

    #[test]
    fn a_listed_name_and_that_of_the_listener_are_known_with_any_port() {
        let hosts = hosts("box.example:80", true, &["orders.example", "[fd00::1]"]);
        let known = ["orders.example", "ORDERS.example:8443", "box.example:81", "[fd00::1]:80"];
        for host in known.into_iter().chain(["localhost"]) {
            assert!(hosts.knows(host), "{host}");
        }
        for host in ["xorders.example", "orders.example.evil", "[fd00::2]", "orders.example:x"] {
            assert!(!hosts.knows(host), "{host}");
        }
        assert!(hosts.is_closed());
    }

    #[test]
    fn what_is_not_a_name_is_found() {
        for wrong in ["", "https://orders.example", "orders.example:80", "a/b", "[::1", "*"] {
            assert!(Hosts::finding(&[wrong.to_owned()]).is_some(), "{wrong}");
        }
    }
}
