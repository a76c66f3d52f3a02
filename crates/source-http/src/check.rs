use std::fmt::Display;
use std::ops::RangeInclusive;

use l0_http::{Listen, Proxies, TlsFiles, Token};
use l0_stage::Finding;

use crate::HttpConfig;

/// Finds everything that is wrong with the section, without a network.
pub(crate) fn findings(config: &HttpConfig) -> Vec<Finding> {
    let HttpConfig { max_body_bytes, max_pending_bytes, .. } = config;
    // The length of a body is counted in 32 bits.
    let largest = u32::MAX as usize;
    let found = [
        listen(config),
        Token::finding(config.token.as_ref(), config.token_file.as_deref(), config.is_exposed()),
        TlsFiles::finding(config.tls_cert_file.as_deref(), config.tls_key_file.as_deref()),
        outside("max_body_bytes", *max_body_bytes, 1..=largest),
        outside("max_pending_bytes", *max_pending_bytes, 1..=largest),
        (max_pending_bytes < max_body_bytes).then(|| {
            let message = format!("{max_pending_bytes} is less than max_body_bytes");
            Finding::new("max_pending_bytes", message)
                .help(format!("set it to {max_body_bytes} or more"))
        }),
        share(config),
        outside("max_lines", config.max_lines, 1..=10_000_000),
        outside("max_pending", config.max_pending, 1..=10_000_000),
        outside("answer_timeout_secs", config.answer_timeout_secs, 1..=3600),
        outside("body_timeout_secs", config.body_timeout_secs, 1..=3600),
        outside("max_connections", config.max_connections, 1..=1_000_000),
        Proxies::finding(&config.trusted_proxies),
    ];
    found.into_iter().flatten().collect()
}

fn listen(config: &HttpConfig) -> Option<Finding> {
    let listen = match Listen::parse(&config.listen) {
        Ok(listen) => listen,
        Err(problem) => {
            let help = "write host:port, for example `127.0.0.1:8090`";
            return Some(Finding::new("listen", problem.to_string()).help(help));
        }
    };
    let has_token = config.token.is_some() || config.token_file.is_some();
    (!listen.is_loopback() && !has_token).then(|| {
        let message = format!("`{}` can be reached from outside, without a token", config.listen);
        Finding::new("listen", message).help("add `token` or `token_file`, or listen on 127.0.0.1")
    })
}

fn share(config: &HttpConfig) -> Option<Finding> {
    let (share, largest) = (config.max_pending_bytes_per_address?, config.max_body_bytes);
    (share > 0 && share < largest).then(|| {
        let message = format!("{share} is less than max_body_bytes");
        Finding::new("max_pending_bytes_per_address", message)
            .help(format!("set it to {largest} or more; 0 switches the limit off"))
    })
}

fn outside<T: PartialOrd + Display>(
    key: &str,
    value: T,
    range: RangeInclusive<T>,
) -> Option<Finding> {
    let (least, most) = (range.start(), range.end());
    (!range.contains(&value))
        .then(|| Finding::new(key, format!("{value} is not between {least} and {most}")))
}
