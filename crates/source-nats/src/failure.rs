//! What a failure of NATS means for the pipeline. Every failure may pass, so each is retried, with
//! a reason for `/readyz`.

use std::error::Error as _;
use std::{io, iter};

use async_nats::jetstream::Error as Refusal;
use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::context::{RequestError, RequestErrorKind};
use async_nats::{ConnectError, ConnectErrorKind, rustls};
use l0_stage::anyhow::anyhow;
use l0_stage::{Error, Why};

/// The error for a connection that could not be made.
pub(crate) fn connecting(error: &ConnectError, address: &str, has_credentials: bool) -> Error {
    let why = match error.kind() {
        _ if is_about_tls(error) => Why::Mismatch,
        ConnectErrorKind::AuthorizationViolation | ConnectErrorKind::Authentication => Why::Denied,
        ConnectErrorKind::TimedOut => Why::TimedOut,
        ConnectErrorKind::Tls | ConnectErrorKind::ServerParse => Why::Mismatch,
        ConnectErrorKind::Dns | ConnectErrorKind::Io | ConnectErrorKind::MaxReconnects => {
            Why::Unreachable
        }
    };
    let headline = match why {
        Why::TimedOut => return connecting_took_too_long(address),
        Why::Denied if !has_credentials => {
            format!("nats at {address} asks for credentials, and none are configured")
        }
        Why::Denied => format!("nats at {address} refused the credentials"),
        Why::Mismatch => format!("cannot agree with nats at {address} on a connection"),
        _ => format!("cannot reach nats at {address}"),
    };
    told(why, &headline, error)
}

/// An error whose headline contains the server's words. The server never quotes a message, so
/// everyone may see them.
pub(crate) fn told(why: Why, doing: &str, cause: impl std::fmt::Display) -> Error {
    Error::retryable(why, anyhow!("{doing}: {cause}"))
}

/// The library reports a failed handshake as an input error.
fn is_about_tls(error: &ConnectError) -> bool {
    let mut causes = iter::successors(error.source(), |&cause| cause.source());
    causes.any(|cause| {
        let io = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        io.is_some_and(|inner| inner.is::<rustls::Error>())
    })
}

pub(crate) fn connecting_took_too_long(address: &str) -> Error {
    Error::retryable(Why::TimedOut, anyhow!("cannot reach nats at {address} in time"))
}

pub(crate) fn disconnected(address: &str) -> Error {
    Error::retryable(Why::Unreachable, anyhow!("lost the connection to nats at {address}"))
}

/// The error for a request that the client accepted but could not send.
pub(crate) fn unsent(error: impl std::fmt::Display, doing: String) -> Error {
    told(Why::Unreachable, &doing, error)
}

/// The error for a request without an answer, for another reason than a time-out.
pub(crate) fn unanswered(error: &RequestError, doing: String) -> Error {
    match error.kind() {
        RequestErrorKind::NoResponders => {
            told(Why::Mismatch, &doing, "jetstream is not enabled there, or not ready yet")
        }
        _ => unsent(error, doing),
    }
}

/// The error for a request that the server refused.
pub(crate) fn refused(refusal: &Refusal, doing: String) -> Error {
    told(why(refusal), &doing, refusal)
}

pub(crate) fn mismatch(message: String) -> Error {
    Error::retryable(Why::Mismatch, anyhow!(message))
}

/// The codes are in `server/errors.json` of nats-server.
fn why(refusal: &Refusal) -> Why {
    match refusal.error_code() {
        ErrorCode::ACCOUNT_RESOURCES_EXCEEDED
        | ErrorCode::INSUFFICIENT_RESOURCES
        | ErrorCode::MEMORY_RESOURCES_EXCEEDED
        | ErrorCode::STORAGE_RESOURCES_EXCEEDED
        | ErrorCode::STREAM_STORE_FAILED
        | ErrorCode::STREAM_MAX_STREAM_BYTES_EXCEEDED
        | ErrorCode::MAXIMUM_STREAMS_LIMIT
        | ErrorCode::MAXIMUM_CONSUMERS_LIMIT => Why::Full,
        ErrorCode::JETSTREAM_NOT_ENABLED
        | ErrorCode::JETSTREAM_NOT_ENABLED_FOR_ACCOUNT
        | ErrorCode::NO_ACCOUNT
        | ErrorCode::STREAM_REPLICAS_NOT_SUPPORTED => Why::Mismatch,
        _ => match refusal.code() {
            400 | 404 => Why::Mismatch,
            503 => Why::Unreachable,
            _ => Why::Unclassified,
        },
    }
}
