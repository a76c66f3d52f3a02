//! The names under which a listener answers.

use std::net::IpAddr;

use hyper::Request;
use hyper::header::{HOST, HeaderMap};
use l0_stage::Finding;

use crate::Listen;

/// The values that a request's `Host` may have. A web page whose name was made to resolve to our
/// address (DNS rebinding) sends its own name.
#[derive(Debug)]
pub struct Hosts {
    listed: Vec<String>,
    /// Whether only known names are answered.
    is_closed: bool,
}

impl Hosts {
    /// Knows the names of this machine, the name of `listen`, and those of `listed`. An `exposed`
    /// listener is reached under names that it does not know. Without a list it accepts every name.
    #[must_use]
    pub fn new(listen: &Listen, exposed: bool, listed: &[String]) -> Self {
        let is_closed = !exposed || !listed.is_empty();
        let listed = listed.iter().filter_map(|host| name_of(host)).chain([listen.host()]);
        Self { listed: listed.map(str::to_owned).collect(), is_closed }
    }

    /// What is wrong with `hosts` of a section.
    #[must_use]
    pub fn finding(listed: &[String]) -> Option<Finding> {
        let wrong = listed.iter().find(|host| !is_name(host))?;
        let help = "write only the name, without scheme, port or path: `orders.example`";
        Some(Finding::new("hosts", format!("`{wrong}` is not a host name")).help(help))
    }

    /// Whether only known names are answered and a request has another name: in `Host`, or in a
    /// target that is a whole URL.
    #[must_use]
    pub fn is_foreign<B>(&self, request: &Request<B>) -> bool {
        let target = request.uri().authority();
        let knows_target = target.is_none_or(|name| self.knows(name.as_str()));
        let is_known = || Self::asked(request.headers()).is_some_and(|host| self.knows(host));
        self.is_closed && !(knows_target && is_known())
    }

    /// The `Host` of a request, if it has exactly one.
    #[must_use]
    pub fn asked(headers: &HeaderMap) -> Option<&str> {
        let mut hosts = headers.get_all(HOST).iter();
        let host = hosts.next()?.to_str().ok()?;
        hosts.next().is_none().then_some(host)
    }

    /// Whether `host` or `host:port` has a known name.
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

/// Whether a name always means this machine.
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
        assert!(hosts.is_closed);
    }

    #[test]
    fn a_request_is_foreign_unless_it_has_one_host_and_all_its_names_are_known() {
        let request = |target: &str, names: &[&str]| {
            let request = Request::get(target);
            names
                .iter()
                .fold(request, |request, name| request.header(HOST, *name))
                .body(())
                .unwrap()
        };
        let (own, other) = ("127.0.0.1:80", "evil.example");
        let closed = hosts(own, false, &[]);
        let whole = "http://localhost/a";
        for (target, names, is_foreign) in [
            ("/a", &[own][..], false),
            (whole, &[own], false),
            ("/a", &[other], true),
            ("/a", &[], true),
            ("/a", &[own, own], true),
            (whole, &[other], true),
            ("http://evil.example/a", &[own], true),
        ] {
            assert_eq!(
                closed.is_foreign(&request(target, names)),
                is_foreign,
                "{target} {names:?}"
            );
        }
        assert!(!hosts("0.0.0.0:80", true, &[]).is_foreign(&request("/a", &[other])));
    }

    #[test]
    fn what_is_not_a_name_is_found() {
        for wrong in ["", "https://orders.example", "orders.example:80", "a/b", "[::1", "*"] {
            assert!(Hosts::finding(&[wrong.to_owned()]).is_some(), "{wrong}");
        }
    }
}
