use l0_http::{Hosts, Listen, Proxies, Token};
use l0_stage::section::{certificate_pair, outside};
use l0_stage::{Context, Finding};

use crate::{HttpConfig, Protect};

/// Everything wrong with the section that can be known without a network.
pub(crate) fn findings(config: &HttpConfig, context: &Context) -> Vec<Finding> {
    let limits = [
        outside("cache_max_bytes", config.cache_max_bytes, 1..=usize::MAX)
            .map(|finding| finding.help("`cache_size = 0` switches the cache off")),
        outside("max_connections", config.max_connections, 1..=1_000_000),
        outside("header_timeout_secs", config.header_timeout_secs, 1..=3600),
        outside("send_timeout_secs", config.send_timeout_secs, 1..=3600),
        outside("handler_timeout_secs", config.handler_timeout_secs, 1..=3600),
    ];
    Listen::finding(&config.listen, "127.0.0.1:8080")
        .into_iter()
        .chain(Hosts::finding(&config.hosts))
        .chain(Proxies::finding(&config.trusted_proxies))
        .chain(Token::finding(config.token(), config.is_exposed()))
        .chain(certificate_pair(config.tls_cert_file.as_deref(), config.tls_key_file.as_deref()))
        .chain(protect(config))
        .chain(limits.into_iter().flatten())
        .chain(static_dir(config, context))
        .collect()
}

fn protect(config: &HttpConfig) -> Option<Finding> {
    (config.protect == Protect::All && !config.token().is_given()).then(|| {
        let message = "`all` needs a token, and none is configured";
        Finding::new("protect", message).help("add `token` or `token_file`")
    })
}

fn static_dir(config: &HttpConfig, context: &Context) -> Option<Finding> {
    let folder = config.static_dir.as_ref()?;
    let shown = folder.display();
    let problem = match context.path(folder) {
        path if !path.is_dir() => format!("folder `{shown}` not found"),
        path if !path.join("index.html").is_file() => {
            format!("folder `{shown}` has no index.html")
        }
        _ => return None,
    };
    let help = "leave `static_dir` out to serve the page that is in the binary";
    Some(Finding::new("static_dir", problem).help(help))
}
