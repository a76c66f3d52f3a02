use l0_http::{Listen, Proxies, Token};
use l0_stage::Finding;
use l0_stage::section::{below, certificate_pair, outside};

use crate::HttpConfig;

/// Finds everything that is wrong with the section, without a network.
pub(crate) fn findings(config: &HttpConfig) -> Vec<Finding> {
    let HttpConfig { max_body_bytes, max_pending_bytes, .. } = config;
    // The length of a body is counted in 32 bits.
    let largest = u32::MAX as usize;
    let found = [
        listen(config),
        Token::finding(config.token(), config.is_exposed()),
        certificate_pair(config.tls_cert_file.as_deref(), config.tls_key_file.as_deref()),
        outside("max_body_bytes", *max_body_bytes, 1..=largest),
        outside("max_pending_bytes", *max_pending_bytes, 1..=largest),
        below("max_pending_bytes", *max_pending_bytes, *max_body_bytes, "max_body_bytes"),
        share(config),
        outside("max_lines", config.max_lines, 1..=10_000_000),
        outside("max_pending", config.max_pending, 1..=10_000_000),
        outside("answer_timeout_secs", config.answer_timeout_secs, 1..=3600),
        outside("body_timeout_secs", config.body_timeout_secs, 1..=3600),
        outside("max_connections", config.max_connections, 1..=1_000_000),
        Proxies::finding(&config.trusted_proxies),
    ];
    let types = config.content_types.iter().enumerate().filter_map(content_type);
    found.into_iter().flatten().chain(types).collect()
}

/// A type that no request can have would never be taken.
fn content_type((at, content_type): (usize, &String)) -> Option<Finding> {
    let is_token = |text: &str| {
        let is_part = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        !text.is_empty() && text.chars().all(is_part)
    };
    let parts = content_type.split_once('/');
    let is_type = parts.is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype));
    (!is_type).then(|| {
        let message = format!("`{content_type}` is not a content type");
        Finding::new(format!("content_types.{at}"), message)
            .help("write it as `text/plain`, without `; charset=…`")
    })
}

fn listen(config: &HttpConfig) -> Option<Finding> {
    Listen::finding(&config.listen, "127.0.0.1:8090").or_else(|| unprotected(config))
}

fn unprotected(config: &HttpConfig) -> Option<Finding> {
    (config.is_exposed() && !config.token().is_given()).then(|| {
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
