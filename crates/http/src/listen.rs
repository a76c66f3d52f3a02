use std::io;
use std::net::{IpAddr, SocketAddr};

use l0_stage::anyhow::{self, Context as _, anyhow};
use l0_stage::{Error, Finding};
use tokio::net::{TcpListener, TcpSocket, lookup_host};

/// The `host:port` of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    /// A name or an address; IPv6 without brackets.
    host: String,
    /// The port; 0 means any free one.
    pub port: u16,
}

impl Listen {
    /// # Errors
    /// The text is not `host:port`.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let wrong = || anyhow!("`{text}` is not host:port");
        let (host, port) = text.rsplit_once(':').ok_or_else(wrong)?;
        let port = port.parse().map_err(|_| anyhow!("`{port}` is not a port"))?;
        let bare = match host.strip_prefix('[') {
            Some(rest) => rest.strip_suffix(']').ok_or_else(wrong)?,
            None if host.contains(':') => return Err(wrong()),
            None => host,
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '%');
        if bare.is_empty() || !bare.chars().all(plain) {
            return Err(wrong());
        }
        Ok(Self { host: bare.to_owned(), port })
    }

    /// What is wrong with a section's `listen`.
    #[must_use]
    pub fn finding(text: &str, example: &str) -> Option<Finding> {
        let problem = Self::parse(text).err()?;
        let help = format!("write host:port, for example `{example}`");
        Some(Finding::new("listen", problem.to_string()).help(help))
    }

    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// Whether only this machine can reach it. Without a network the meaning of a name is not
    /// known, with the exception of `localhost`.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        match self.host.parse::<IpAddr>() {
            Ok(address) => address.to_canonical().is_loopback(),
            Err(_) => self.host.eq_ignore_ascii_case("localhost"),
        }
    }

    /// As [`is_loopback`](Self::is_loopback), but looks up the name first.
    pub async fn is_local(&self) -> bool {
        match self.resolve("").await {
            Ok(address) => address.ip().to_canonical().is_loopback(),
            Err(_) => self.is_loopback(),
        }
    }

    /// The URL under which a client on this machine reaches it. `port` is the port that was taken,
    /// because the configured one may be 0.
    #[must_use]
    pub fn url(&self, port: u16, is_encrypted: bool) -> String {
        let scheme = if is_encrypted { "https" } else { "http" };
        format!("{scheme}://{}/", self.authority(port))
    }

    /// The same as [`url`](Self::url), as `host:port`.
    #[must_use]
    pub fn authority(&self, port: u16) -> String {
        let host = match self.host.as_str() {
            "0.0.0.0" => "127.0.0.1",
            "::" => "::1",
            host => host,
        };
        if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
    }

    /// Opens the port. `section` is where the configuration names it, for example `query.http`.
    ///
    /// # Errors
    /// [`Error::Permanent`], naming the address and the next step.
    pub async fn bind(&self, section: &str) -> Result<TcpListener, Error> {
        let Self { host, port } = self;
        let address = self.resolve(section).await.map_err(Error::permanent)?;
        open(address)
            .with_context(|| {
                format!(
                    "cannot listen on {host}:{port} ({address}): \
                     stop the process that holds that port, or change `listen` in [{section}]"
                )
            })
            .map_err(Error::permanent)
    }

    /// Resolves the name to one address, IPv4 first. If that one is taken, binding the second would
    /// hide it.
    async fn resolve(&self, section: &str) -> anyhow::Result<SocketAddr> {
        let Self { host, port } = self;
        let unknown = || format!("cannot resolve `{host}` of `listen` in [{section}]");
        lookup_host((host.as_str(), *port))
            .await
            .with_context(unknown)?
            .min_by_key(SocketAddr::is_ipv6)
            .ok_or_else(|| anyhow!(unknown()))
    }
}

/// The usual queue of 128 overflows if several hundred clients connect at once: the kernel then
/// drops their handshakes.
const BACKLOG: u32 = 1024;

fn open(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv6() { TcpSocket::new_v6()? } else { TcpSocket::new_v4()? };
    // A restart must not wait for connections of the previous process.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_of_both_families_are_taken_and_known_to_be_local_or_not() {
        for (text, url, is_loopback) in [
            ("localhost:8090", "http://localhost:8090/", true),
            ("127.3.2.1:80", "http://127.3.2.1:80/", true),
            ("0.0.0.0:8090", "http://127.0.0.1:8090/", false),
            ("[::]:8090", "http://[::1]:8090/", false),
            ("[::1]:8090", "http://[::1]:8090/", true),
            ("192.168.0.1:8090", "http://192.168.0.1:8090/", false),
            ("ingest.example:8090", "http://ingest.example:8090/", false),
        ] {
            let listen = Listen::parse(text).expect(text);
            assert_eq!(listen.url(listen.port, false), url);
            assert_eq!(listen.url(listen.port, true), url.replace("http:", "https:"));
            assert_eq!(listen.is_loopback(), is_loopback, "{text}");
        }
    }

    #[test]
    fn what_is_not_host_and_port_is_refused() {
        let refused = ["", "8090", ":8090", "host:", "host:x", "host:65536", "::1:80", "[::1:80"];
        for text in refused.into_iter().chain(["a b:80", "http://host:80", "[]:80"]) {
            assert!(Listen::parse(text).is_err(), "{text}");
        }
    }
}
