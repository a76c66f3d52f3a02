//! What everyone can do who reaches the listener from another machine.

use l0_http::Listen;
use l0_stage::Finding;

use crate::{HttpConfig, Protect};

/// A finding for the start and for `l0-runtime doctor`. `None` on a loopback address, or if the
/// token protects everything.
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
    let message = format!("everyone who can reach `{}` {reads}, and {writes}", config.listen);
    let help = "listen on 127.0.0.1, or set `protect = \"all\"` and a token in [query.http]";
    Some(Finding::new("listen", message).help(help))
}
