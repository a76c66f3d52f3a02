//! What `l0-runtime doctor` checks about a listener that has not been opened.

use std::time::Duration;

use l0_stage::doctor::Check;
use l0_stage::section::SecretKeys;
use l0_stage::{Context, Finding};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use crate::{Listen, TlsFiles, Token, Trust, connect};

/// Longest wait for the answer of the process that holds the port.
const ANSWER: Duration = Duration::from_secs(2);
const LONGEST_ANSWER: u64 = 64 * 1024;

/// Checks whether the port is free, or held by a running instance. `section` is where the
/// configuration names it, for example `query.http`.
pub async fn check_port(listen: &str, section: &str, tls: Option<&TlsFiles>) -> Check {
    let name = "port";
    let trouble = |message: String, help: &str| {
        Check::trouble(name, Finding::new("listen", message).help(help))
    };
    let parsed = match Listen::parse(listen) {
        Ok(parsed) => parsed,
        Err(error) => return trouble(error.to_string(), "write host:port"),
    };
    let Err(error) = parsed.bind(section).await else {
        return match parsed.port {
            0 => Check::fine(name, format!("{listen}: the system chooses a free port")),
            _ => Check::fine(name, format!("{listen} is free")),
        };
    };
    let authority = parsed.authority(parsed.port);
    if timeout(ANSWER, is_instance(&authority, &Trust::of(tls))).await == Ok(Some(true)) {
        return Check::fine(name, format!("{listen} is held by a running instance of l0-runtime"));
    }
    let help = "stop the process that holds that port, or change `listen`";
    trouble(error.to_string(), help)
}

/// Whether an l0-runtime answers there. `None` if nothing answers.
async fn is_instance(authority: &str, trust: &Trust) -> Option<bool> {
    let mut stream = connect(authority, trust).await.ok()?;
    let request = format!("GET /livez HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = Vec::new();
    stream.take(LONGEST_ANSWER).read_to_end(&mut answer).await.ok()?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let says_live =
        ["live\n", "{\"live\":true}"].iter().any(|live| body.trim_end() == live.trim_end());
    Some(head.starts_with("HTTP/1.1 200") && says_live)
}

/// Checks whether the token can be read. `open` says what is allowed without one.
pub fn check_token(
    token: SecretKeys<'_>,
    context: &Context,
    exposed: bool,
    open: &str,
) -> Vec<Check> {
    match Token::of(token, context, exposed) {
        Ok(Some(_)) => vec![Check::fine("token", "is there")],
        Ok(None) => vec![Check::fine("token", format!("none: {open}"))],
        Err(error) => Check::failed("token", &error, |_| {
            let help = "make the file readable for this user; it holds the token in one line";
            ("token_file", help)
        }),
    }
}
