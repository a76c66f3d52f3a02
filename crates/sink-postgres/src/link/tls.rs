use std::net::IpAddr;
use std::path::Path;

use l0_stage::anyhow::{self, Context as _, ensure};
use l0_stage::{Error, Finding, Findings};
use schemars::JsonSchema;
use serde::Deserialize;
use sqlx::postgres::PgSslMode;

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

/// The certificates of authorities in a file, as PEM. Nothing else of the file is passed on,
/// because it may hold a private key too, and the driver's errors quote what they were given.
pub(crate) fn read_authorities(file: &Path) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("cannot read certificate file `{}`", file.display()))?;
    let mut certificates = String::new();
    let mut rest = text.as_str();
    while let Some(begin) = rest.find(BEGIN) {
        let end = rest[begin..].find(END).map(|at| begin + at + END.len());
        let end =
            end.with_context(|| format!("file `{}` ends in a certificate", file.display()))?;
        certificates.push_str(&rest[begin..end]);
        certificates.push('\n');
        rest = &rest[end..];
    }
    ensure!(!certificates.is_empty(), "file `{}` holds no certificate in PEM", file.display());
    Ok(certificates)
}

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// The error of a connect that failed because the server cannot be trusted, at the key that decides
/// about it. `None` if it failed for another reason.
pub(crate) fn distrust(error: &sqlx::Error, address: &str) -> Option<Error> {
    let cause = match error {
        // Its text quotes the file.
        sqlx::Error::Tls(cause) if cause.to_string().contains(BEGIN) => {
            "a certificate in `tls_ca_file` is damaged".to_owned()
        }
        sqlx::Error::Tls(cause) => cause.to_string(),
        // Errors of the handshake, as rustls passes them to the reader of the socket.
        sqlx::Error::Io(cause) if cause.kind() == std::io::ErrorKind::InvalidData => {
            cause.to_string()
        }
        _ => return None,
    };
    let message = format!("no trusted connection to postgres at {address}: {cause}");
    let help = "name the authority of its certificate in `tls_ca_file`, or take less than \
                `verify-full` in `tls`: `require` encrypts without knowing with whom";
    Some(Error::mismatch(Findings(vec![Finding::new("tls", message).help(help)])))
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
