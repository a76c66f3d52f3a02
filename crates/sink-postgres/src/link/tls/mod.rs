//! Whether and how connections are encrypted, and who is trusted.

mod distrust;
mod files;

use std::net::IpAddr;

use schemars::JsonSchema;
use serde::Deserialize;
use sqlx::postgres::PgSslMode;

pub(crate) use distrust::distrust;
pub(crate) use files::{TlsFiles, TlsTexts};

/// How the connection is encrypted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Tls {
    /// `verify-full`, or `prefer` if the host is this machine.
    #[default]
    Auto,
    /// Never encrypted.
    Disable,
    /// Encrypted if the server offers it. The certificate is not checked.
    Prefer,
    /// Always encrypted. The certificate is not checked.
    Require,
    /// Always encrypted. The certificate must be valid for the host, and issued by a trusted
    /// authority.
    VerifyFull,
}

impl Tls {
    /// The mode for a host.
    pub(crate) fn mode(self, host: &str) -> PgSslMode {
        match self {
            Self::Auto if is_local(host) => PgSslMode::Prefer,
            Self::Auto | Self::VerifyFull => PgSslMode::VerifyFull,
            Self::Disable => PgSslMode::Disable,
            Self::Prefer => PgSslMode::Prefer,
            Self::Require => PgSslMode::Require,
        }
    }

    /// Whether the server must have a trusted certificate.
    pub(crate) fn verifies(self, host: &str) -> bool {
        matches!(self.mode(host), PgSslMode::VerifyFull)
    }

    /// The text for the line that says what the sink talks to.
    pub(crate) fn summary(self, host: &str) -> &'static str {
        match self.mode(host) {
            PgSslMode::VerifyFull => "certificate verified",
            PgSslMode::Require => "encrypted, certificate not verified",
            PgSslMode::Disable => "not encrypted",
            _ => "encrypted if it offers that, certificate not verified",
        }
    }
}

/// Whether connections to a host cannot leave this machine: the folder of a socket, `localhost`, or
/// a loopback address.
pub(crate) fn is_local(host: &str) -> bool {
    host.starts_with('/')
        || host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_this_machine_is_trusted_without_a_certificate() {
        for local in ["localhost", "LocalHost", "127.0.0.1", "127.8.9.1", "::1", "/run/postgresql"]
        {
            assert!(matches!(Tls::Auto.mode(local), PgSslMode::Prefer), "{local}");
        }
        for remote in
            ["postgres", "db.example.com", "10.0.0.1", "0.0.0.0", "localhost.example.com", ""]
        {
            assert!(matches!(Tls::Auto.mode(remote), PgSslMode::VerifyFull), "{remote}");
        }
        assert!(matches!(Tls::Prefer.mode("db.example.com"), PgSslMode::Prefer));
        assert!(matches!(Tls::VerifyFull.mode("localhost"), PgSslMode::VerifyFull));
    }
}
