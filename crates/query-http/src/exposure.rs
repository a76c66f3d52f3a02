//! What is open to everybody who reaches the listener from outside of this machine.

use l0_http::Listen;
use l0_stage::Finding;

use crate::{HttpConfig, Protect};

/// What to know at the start, and from `l0-runtime doctor`: `None` on a loopback address, and where the
/// token protects all.
pub(crate) async fn finding(config: &HttpConfig) -> Option<Finding> {
    let listen = Listen::parse(&config.listen).ok()?;
    if config.protect == Protect::All || listen.is_local().await {
        return None;
    }
    let reads = "can read all documents, dead letters and the configuration";
    let writes = match config.token().is_given() {
        true => "with the token also replay, discard and publish",
        false => "cannot replay, discard or publish",
    };
    let message = format!("everybody who reaches `{}` {reads}, and {writes}", config.listen);
    let help = "listen on 127.0.0.1, or set `protect = \"all\"` and a token in [query.http]";
    Some(Finding::new("listen", message).help(help))
}
