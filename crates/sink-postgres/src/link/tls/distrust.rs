//! Failures of a connect by which one side does not trust the other.

use std::io::ErrorKind;

use l0_stage::{Error, Finding, Findings};

use super::TlsFiles;
use crate::link::hosts::Address;

/// The error of a connect that failed because one side cannot be trusted, at the key that decides
/// about it. `None` if it failed for another reason.
pub(crate) fn distrust(error: &sqlx::Error, address: &Address, files: &TlsFiles) -> Option<Error> {
    let own = about_own(error, address, files);
    let finding = own.or_else(|| about_server(error, address))?;
    Some(Error::mismatch(Findings(vec![finding])))
}

fn about_server(error: &sqlx::Error, address: &Address) -> Option<Finding> {
    let cause = match error {
        // The text of this error quotes the file, so it is replaced.
        sqlx::Error::Tls(cause) if cause.to_string().contains("-----BEGIN ") => {
            "a certificate in `tls_ca_file` is damaged".to_owned()
        }
        sqlx::Error::Tls(cause) => cause.to_string(),
        _ => of_handshake(error)?,
    };
    let message = format!("no trusted connection to postgres at {address}: {cause}");
    let help = "name the authority of its certificate in `tls_ca_file`, or take less than \
                `verify-full` in `tls`: `require` encrypts without knowing with whom";
    Some(Finding::new("tls", message).help(help))
}

/// What is wrong with the certificate of this client, if it has one. The library tells these failures apart only by
/// their texts.
fn about_own(error: &sqlx::Error, address: &Address, files: &TlsFiles) -> Option<Finding> {
    let pair = "name the two files of one pair in `tls_cert_file` and `tls_key_file`";
    let key = files.own_key()?.display();
    match error {
        sqlx::Error::Configuration(_) => {
            let message = format!("the private key in file `{key}` is damaged");
            Some(Finding::new("tls_key_file", message).help(pair))
        }
        sqlx::Error::Tls(cause) if cause.to_string().contains("keys may not be consistent") => {
            let message = format!("file `{key}` holds the key of another certificate");
            Some(Finding::new("tls_key_file", message).help(pair))
        }
        _ => {
            let cause =
                of_handshake(error).filter(|cause| cause.contains("received fatal alert"))?;
            let message = format!("postgres at {address} does not trust our certificate: {cause}");
            let help = "name a certificate that is valid now, of an authority in `ssl_ca_file` of \
                        postgres";
            Some(Finding::new("tls_cert_file", message).help(help))
        }
    }
}

/// An error of the handshake, as rustls passes it to the reader of the socket.
fn of_handshake(error: &sqlx::Error) -> Option<String> {
    match error {
        sqlx::Error::Io(cause) if cause.kind() == ErrorKind::InvalidData => Some(cause.to_string()),
        _ => None,
    }
}
